import { createHmac } from "node:crypto";
import { SCOPE_END, type SigningScope } from "./signing-scope.ts";

/** Keys that are kept: each holds for one secret, day, region and service. */
const KEPT = 4096;

/** Derives the keys that sign ("Calculate a signature" of the IAM User Guide), and keeps those that have proved useful. */
export class SigningKeys {
  readonly #keys = new Map<string, Buffer>();

  keyFor(secret: string, scope: SigningScope): Buffer {
    return this.#keys.get(nameOf(secret, scope)) ?? derive(secret, scope);
  }

  /** For keys whose signature was found good: what strangers make up must not push out what is in use. */
  remember(secret: string, scope: SigningScope, key: Buffer): void {
    const name = nameOf(secret, scope);
    if (this.#keys.has(name)) return;
    if (this.#keys.size >= KEPT) {
      for (const oldest of this.#keys.keys()) {
        this.#keys.delete(oldest);
        break;
      }
    }
    this.#keys.set(name, key);
  }
}

function nameOf(secret: string, { date, region, service }: SigningScope): string {
  return `${date}/${region ?? ""}/${service}/${secret}`;
}

function derive(secret: string, { date, region, service }: SigningScope): Buffer {
  let key: Buffer = mac(`AWS4${secret}`, date);
  key = mac(key, region ?? "");
  key = mac(key, service);
  return mac(key, SCOPE_END);
}

function mac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
