import { createHmac } from "node:crypto";

/**
 * `webhook-signature` by the Standard Webhooks specification: HMAC-SHA256 over id, timestamp and body, one `v1,<base64>` for
 * each secret, so that a secret can be replaced while the receiver knows both.
 */
export function webhookSignature(secrets: readonly Uint8Array[], id: string, timestamp: string, body: Uint8Array): string {
  return secrets
    .map((secret) => `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64")}`)
    .join(" ");
}

/** Octets of the shortest secret. Source: Standard Webhooks, "Signature scheme". */
const SHORTEST = 24;

/**
 * The secrets in a secret file: one a line, `whsec_` and base64, or any other text as it stands. Throws an error for people that
 * never quotes the content.
 */
export function webhookSecrets(content: string): readonly Uint8Array[] {
  const lines = content.split("\n").map((line) => line.trim());
  const secrets = lines.filter((line) => line !== "").map(decode);
  if (secrets.length === 0) throw new Error("holds no secret");
  if (secrets.some((secret) => secret.length < SHORTEST)) throw new Error(`holds a secret of fewer than ${SHORTEST} octets`);
  return secrets;
}

function decode(line: string): Uint8Array {
  if (!line.startsWith("whsec_")) return Buffer.from(line);
  const encoded = line.slice("whsec_".length);
  const secret = Buffer.from(encoded, "base64");
  if (secret.toString("base64").replace(/=+$/, "") !== encoded.replace(/=+$/, ""))
    throw new Error("holds a secret that is not base64");
  return secret;
}
