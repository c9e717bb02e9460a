import type { UploadFields } from "../routing/upload-form.ts";
import { SignatureProblem } from "./signature-problem.ts";

/** Fields that no condition need name ("Creating a POST policy" in the Amazon S3 API Reference). */
const FREE = new Set(["x-amz-signature", "file", "policy", "awsaccesskeyid", "signature", "bucket"]);
const CONDITIONS_MAX = 1000;

/**
 * Holds an upload by HTML form against the policy that was signed with it: it must not be over, every field must satisfy the
 * conditions on it, and there must be one for every field. `content-length-range` is left to the store, which alone sees the
 * file's end. Throws `SignatureProblem`.
 */
export function checkUploadPolicy(policy: string, { fields, fileName }: UploadFields, bucket: string, now: number): void {
  const { expiration, conditions } = parse(policy);
  const expiresAt = typeof expiration === "string" ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(expiresAt)) throw invalid("Policy is missing expiration - or it is not in ISO8601 format.");
  if (expiresAt <= now) throw broken("Policy expired.");
  if (!Array.isArray(conditions) || conditions.length > CONDITIONS_MAX) throw invalid("Policy is missing conditions.");
  const named = new Set<string>();
  const value = (name: string): string =>
    name === "bucket"
      ? bucket
      : (fields.get(name) ?? "").replaceAll("${filename}", () => (name === "key" ? fileName : "${filename}"));
  for (const condition of conditions as readonly unknown[]) {
    const read = readCondition(condition);
    if (read === undefined) throw invalid("Invalid Simple-Condition.");
    if (read.kind === "range") continue;
    named.add(read.name);
    const found = value(read.name);
    if (read.kind === "eq" ? found !== read.text : !found.startsWith(read.text))
      throw broken(`Policy Condition failed: ${JSON.stringify(condition).slice(0, 512)}`);
  }
  for (const name of fields.keys()) {
    if (!named.has(name) && !FREE.has(name) && !name.startsWith("x-ignore-"))
      throw broken(`Extra input fields: ${name.slice(0, 128)}`);
  }
}

type Condition =
  | { readonly kind: "eq" | "starts-with"; readonly name: string; readonly text: string }
  | { readonly kind: "range" };

function readCondition(condition: unknown): Condition | undefined {
  if (Array.isArray(condition)) {
    const [operator, name, text] = condition as readonly unknown[];
    const kind = typeof operator === "string" ? operator.toLowerCase() : "";
    if (kind === "content-length-range") return { kind: "range" };
    if ((kind !== "eq" && kind !== "starts-with") || typeof name !== "string" || typeof text !== "string") return undefined;
    return name.startsWith("$") ? { kind, name: name.slice(1).toLowerCase(), text } : undefined;
  }
  if (typeof condition !== "object" || condition === null) return undefined;
  const [entry, ...more] = Object.entries(condition);
  if (entry === undefined || more.length > 0 || typeof entry[1] !== "string") return undefined;
  return { kind: "eq", name: entry[0].toLowerCase(), text: entry[1] };
}

function parse(policy: string): { readonly expiration?: unknown; readonly conditions?: unknown } {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(policy, "base64").toString("utf8"));
  } catch {
    throw invalid("Invalid JSON.");
  }
  if (typeof document !== "object" || document === null) throw invalid("Invalid JSON.");
  return document;
}

function invalid(text: string): SignatureProblem {
  return new SignatureProblem({ kind: "bad-policy", text });
}

function broken(text: string): SignatureProblem {
  return new SignatureProblem({ kind: "policy", text });
}
