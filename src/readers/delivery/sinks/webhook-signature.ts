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

/** A secret file cannot be used. The message names the file, and never quotes the content. */
export class WebhookSecretError extends Error {
  override name = "WebhookSecretError";
}

/** Octets of the shortest secret. Source: Standard Webhooks, "Signature scheme". */
const SHORTEST = 24;

/** The secrets in a file: one a line, `whsec_` and base64, or any other text as it stands. Throws `WebhookSecretError`. */
export function webhookSecrets(path: string, content: string): readonly Uint8Array[] {
  const lines = content.split("\n").map((line) => line.trim());
  const secrets = lines.filter((line) => line !== "").map((line) => decode(path, line));
  if (secrets.length === 0) throw new WebhookSecretError(`${path} holds no secret`);
  if (secrets.some((secret) => secret.length < SHORTEST)) {
    throw new WebhookSecretError(`${path} holds a secret of fewer than ${SHORTEST} octets`);
  }
  return secrets;
}

function decode(path: string, line: string): Uint8Array {
  if (!line.startsWith("whsec_")) return Buffer.from(line);
  const encoded = line.slice("whsec_".length);
  const secret = Buffer.from(encoded, "base64");
  if (secret.toString("base64").replace(/=+$/, "") !== encoded.replace(/=+$/, "")) {
    throw new WebhookSecretError(`${path} holds a secret that is not base64`);
  }
  return secret;
}
