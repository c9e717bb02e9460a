import { createHash, createHmac } from "node:crypto";
import type { Draft } from "./piece.ts";

export const FUZZ_KEY = "AKIAFUZZFUZZFUZZFUZZ";
export const FUZZ_SECRET = "fuzz/fuzz/fuzz/fuzz/fuzz/fuzz/fuzz/fuzz0";

const sha256 = (bytes: string | Buffer): string => createHash("sha256").update(bytes).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/**
 * Signs a draft in the header form of SigV4, in place, where its Authorization line names a service; every other form stays as
 * it is. Written by the letter of AWS's page on signing, for targets that need no normalizing: others are refused, which is
 * fine here.
 */
export function signDraft(draft: Draft, now: Date): void {
  const at = draft.headers.findIndex((name, index) => index % 2 === 0 && name === "Authorization");
  const service = /Credential=[^,]*\/([a-z0-9-]+)\/aws4_request/.exec(draft.headers[at + 1] ?? "")?.[1];
  if (service === undefined) return;
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  const payload = service === "s3" ? "UNSIGNED-PAYLOAD" : sha256(draft.body ?? "");
  const drop = new Set(["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"]);
  const kept: string[] = [];
  for (let i = 0; i + 1 < draft.headers.length; i += 2)
    if (!drop.has((draft.headers[i] ?? "").toLowerCase())) kept.push(draft.headers[i] ?? "", draft.headers[i + 1] ?? "");
  kept.push("X-Amz-Date", time, "X-Amz-Content-Sha256", payload);

  const values = new Map<string, string[]>();
  for (let i = 0; i + 1 < kept.length; i += 2) {
    const name = (kept[i] ?? "").toLowerCase();
    if (name !== "host" && !name.startsWith("x-amz-")) continue;
    values.set(name, [...(values.get(name) ?? []), (kept[i + 1] ?? "").trim().replace(/ +/g, " ")]);
  }
  const names = [...values.keys()].sort();
  const [path = "/", query = ""] = draft.target.split("?");
  const pairs = query === "" ? [] : query.split("&").map((pair) => (pair.includes("=") ? pair : `${pair}=`));
  const canonical = [
    draft.method,
    service === "s3" ? path : path.replaceAll("%", "%25"),
    pairs.sort().join("&"),
    ...names.map((name) => `${name}:${values.get(name)?.join(",")}`),
    "",
    names.join(";"),
    payload,
  ].join("\n");
  const key = hmac(hmac(hmac(hmac(`AWS4${FUZZ_SECRET}`, time.slice(0, 8)), "us-east-1"), service), "aws4_request");
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n")).toString("hex");
  kept.push(
    "Authorization",
    `AWS4-HMAC-SHA256 Credential=${FUZZ_KEY}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  );
  draft.headers.splice(0, draft.headers.length, ...kept);
}
