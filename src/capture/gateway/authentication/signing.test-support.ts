import { createHash, createHmac, type Hash } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { loadCatalogue } from "../../../aws/catalogue/catalogue.ts";
import type { Clock } from "../../../base/clock.ts";
import type { KnownSecret, KnownSecrets } from "../../identity/known-secrets.ts";
import { type AuthenticatorOptions, createAuthenticator } from "./create-authenticator.ts";
import type { Authenticator } from "./authenticator.ts";

/** SHA-256 as the signer of the SDKs wants it. */
class Sha256 {
  readonly #hash: Hash | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as Uint8Array);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A request before it is signed; `query` holds decoded names and values. */
export interface Unsigned {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** One as it goes over the wire. */
export interface Sendable {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

export interface Signing {
  readonly service: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly at: number;
  /** Seconds; given, the request is presigned. */
  readonly expires?: number;
}

/** Signs as the SDKs do. */
export async function signLikeSdks(request: Unsigned, { service, region, credentials, at, expires }: Signing): Promise<Sendable> {
  const isS3 = service === "s3";
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 as never, uriEscapePath: !isS3 });
  const message = {
    ...request,
    protocol: "http:",
    hostname: "127.0.0.1",
    query: { ...request.query },
    headers: { ...request.headers },
  };
  const signingDate = new Date(at);
  const signed = await (expires === undefined
    ? signer.sign(message as never, { signingDate })
    : signer.presign(message as never, { signingDate, expiresIn: expires }));
  const { method, path, query, headers } = signed as unknown as Unsigned;
  return { method, target: targetOf(path, query), headers, body: request.body };
}

export function targetOf(path: string, query: Unsigned["query"]): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((each) => `${encoded(name)}=${encoded(each)}`),
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}

/** As `encodeURIComponent`, but for what RFC 3986 reserves besides. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

export const alice = { accessKeyId: "AKIARZPUZDIKGB2VALC4", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
export const bob = { accessKeyId: "AKIARZPUZDIKEXAMPLE2", secretAccessKey: "another/secret+of-forty-characters-0000" };
export const session = {
  accessKeyId: "ASIARZPUZDIKEXAMPLE3",
  secretAccessKey: "the/secret/of/a/session/000000000000000",
  sessionToken: "IQoJb3JpZ2luX2VjE+/=token",
};

export function secretsOf(entries: readonly (Credentials & Partial<KnownSecret>)[]): KnownSecrets {
  const known = new Map(
    entries.map(({ accessKeyId, secretAccessKey, sessionToken, active = true, expiresAt }) => [
      accessKeyId,
      {
        secretAccessKey,
        active,
        ...(expiresAt === undefined ? {} : { expiresAt }),
        ...(sessionToken === undefined ? {} : { sessionTokenDigest: createHash("sha256").update(sessionToken).digest() }),
      },
    ]),
  );
  return { secretOf: (accessKeyId) => known.get(accessKeyId) };
}

/** 2 March 2026, 09:05:01 UTC. */
export const NOW = Date.UTC(2026, 2, 2, 9, 5, 1);

/** A clock that the test sets. */
export class HandClock implements Clock {
  time = NOW;
  now(): number {
    return this.time;
  }
}

export function authenticatorFor(
  entries: readonly (Credentials & Partial<KnownSecret>)[],
  options: Partial<AuthenticatorOptions> = {},
): Authenticator {
  return createAuthenticator({
    secrets: secretsOf(entries),
    catalogue: loadCatalogue(),
    s3HostSuffixes: ["localhost"],
    anonymousS3: true,
    clockSkew: 900_000,
    clock: { now: () => NOW },
    ...options,
  });
}
