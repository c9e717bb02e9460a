import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type { OperationLine, ServiceLine } from "../../src/aws/catalogue/data-format.ts";
import type { Protocol } from "../../src/aws/protocol.ts";
import { accessLevel } from "./access-level.ts";
import { ShapeCompiler } from "./compile-shapes.ts";
import { httpBinding } from "./http-binding.ts";
import { readClient } from "./read-client.ts";
import type { ServiceModel } from "./service-model.ts";
import { verifyCatalogue } from "./verify-catalogue.ts";
import { services, type ServiceSource } from "./services.ts";

/** Writes src/aws/catalogue/data anew from the clients that are installed beside this file. */
const directory = new URL("../../src/aws/catalogue/data/", import.meta.url);
const jsonProtocols: readonly Protocol[] = ["awsJson1_0", "awsJson1_1"];

mkdirSync(directory, { recursive: true });
const written = new Map<string, string>();
const index: string[] = [];
for (const source of services) {
  const model = source.model ?? readClient(source.id);
  const shapes = new ShapeCompiler();
  const operations = await operationLines(source, model, shapes);
  index.push(JSON.stringify(serviceLine(source, model)), ...operations.map((line) => JSON.stringify(line)));
  written.set(`${source.id}.ndjson`, toText(shapes.lines()));
}
written.set("index.ndjson", toText(index));
for (const name of readdirSync(directory)) if (name.endsWith(".ndjson") && !written.has(name)) rmSync(new URL(name, directory));
for (const [name, text] of written) writeFileSync(new URL(name, directory), text);
verifyCatalogue();
console.log(`${services.length} services, ${index.length - services.length} operations, ${totalBytes()} bytes`);

async function operationLines(source: ServiceSource, model: ServiceModel, shapes: ShapeCompiler): Promise<OperationLine[]> {
  const lines: OperationLine[] = [];
  for (const operation of [...model.operations].sort((a, b) => (a[2] < b[2] ? -1 : 1))) {
    const level = await accessLevel(source.iamPrefix ?? model.signingName, operation[2]);
    const rpc = [operation[2], level ?? null, shapes.addRoot(operation, 4), shapes.addRoot(operation, 5)] as const;
    const http = model.protocol.startsWith("rest") ? httpBinding(source.id, operation) : undefined;
    lines.push(http === undefined ? rpc : [...rpc, http.method, http.uri, http.status]);
  }
  return lines;
}

function serviceLine(source: ServiceSource, model: ServiceModel): ServiceLine {
  const xmlNamespace = model.xmlNamespace ?? source.xmlNamespace;
  const protocols = [model.protocol, ...(source.otherProtocols ?? [])];
  return {
    id: source.id,
    sdkId: model.sdkId,
    signingName: model.signingName,
    ...(source.alsoSignedAs !== undefined && { alsoSignedAs: source.alsoSignedAs }),
    endpointPrefix: model.endpointPrefix,
    version: model.version,
    protocols,
    ...(protocols.some((protocol) => jsonProtocols.includes(protocol)) && { targetPrefix: model.shapeName }),
    ...(source.alsoTargetedAs !== undefined && { alsoTargetedAs: source.alsoTargetedAs }),
    shapeName: model.shapeName,
    ...(xmlNamespace !== undefined && { xmlNamespace }),
    operations: model.operations.length,
    errors: errorCodes(model),
  };
}

function errorCodes(model: ServiceModel): Record<string, string> {
  const pairs: [string, string][] = [];
  for (const [, , name, traits] of model.errors) {
    const query = typeof traits === "object" ? traits["awsQueryError"] : undefined;
    if (Array.isArray(query) && typeof query[0] === "string" && query[0] !== name) pairs.push([query[0], name]);
  }
  return Object.fromEntries(pairs.sort(([a, b], [c, d]) => (a < c || (a === c && b < d) ? -1 : 1)));
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function totalBytes(): number {
  return [...written.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
