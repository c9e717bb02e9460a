import type { HttpBinding } from "../../src/aws/catalogue/model.ts";
import type { OperationSchema, StructureSchema } from "./service-model.ts";

/**
 * The REST binding of an operation.
 *
 * The SDK leaves S3's bucket to its endpoint rules and cuts it from the URI; it is put back, because every label of the
 * input must stand in the URI for a request to be read.
 */
export function httpBinding(serviceId: string, operation: OperationSchema): HttpBinding {
  const [, , name, traits] = operation;
  const http = typeof traits === "object" ? traits["http"] : undefined;
  if (!Array.isArray(http) || http.length !== 3) throw new Error(`${serviceId} ${name}: no http trait`);
  const [method, path, status] = http as [string, string, number];
  const labels = labelMembers(operation);
  const missing = labels.filter((label) => !path.includes(`{${label}}`) && !path.includes(`{${label}+}`));
  if (missing.length === 0) return { method, uri: path, status };
  if (serviceId !== "s3" || missing.join() !== "Bucket") throw new Error(`${serviceId} ${name}: no ${missing.join()} in ${path}`);
  const rest = path === "/" || path.startsWith("/?") ? path.slice(1) : path;
  return { method, uri: `/{Bucket}${rest}`, status };
}

function labelMembers(operation: OperationSchema): string[] {
  let input = operation[4];
  while (typeof input === "function") input = input();
  if (input === "unit" || typeof input === "number") return [];
  const [, , , , names, members] = input as StructureSchema;
  return names.filter((_, position) => {
    const member = members[position];
    const traits = Array.isArray(member) && member.length === 2 ? member[1] : 0;
    return typeof traits === "number"
      ? traits & 1
      : typeof traits === "object" && "httpLabel" in traits && traits["httpLabel"] === 1;
  });
}
