import { createHash, timingSafeEqual } from "node:crypto";
import type { Readable } from "node:stream";
import type { AwsError } from "../../../aws/aws-error.ts";
import type { Catalogue } from "../../../aws/catalogue/model.ts";
import { AsymmetricKeys } from "../../../aws/sigv4/asymmetric-keys.ts";
import { canonicalRequest, type PathRule, type SignableRequest } from "../../../aws/sigv4/canonical-request.ts";
import { ChunkSigner } from "../../../aws/sigv4/chunk-signer.ts";
import { SigningKeys } from "../../../aws/sigv4/signing-keys.ts";
import {
  ECDSA_ALGORITHM,
  EMPTY_HASH,
  HMAC_ALGORITHM,
  macHex,
  sha256Hex,
  stringToSign,
} from "../../../aws/sigv4/string-to-sign.ts";
import type { Clock } from "../../../base/clock.ts";
import type { KnownSecret, KnownSecrets } from "../../identity/known-secrets.ts";
import type { RequestBody } from "../request-body.ts";
import { isS3Family } from "../request-id.ts";
import { readHost } from "../routing/aws-host.ts";
import type { RequestHead } from "../routing/request-head.ts";
import { s3SigningNames } from "../routing/router.ts";
import { UPLOAD_FIELDS_MAX, readUploadFields } from "../routing/upload-form.ts";
import type { ArrivedRequest, Authenticator, VerifiedRequest } from "./authenticator.ts";
import { CheckedBody } from "./checked-body.ts";
import { CheckedChunks, sameSignature } from "./checked-chunks.ts";
import { plainlyHosted } from "./hosted-request.ts";
import { isEmptyHash, type PayloadClaim, readPayloadClaim } from "./payload-claim.ts";
import { resign } from "./resign.ts";
import { s3Refusal } from "./s3-refusal.ts";
import { serviceRefusal } from "./service-refusal.ts";
import { signableHead } from "./signable-head.ts";
import { readCredential, readHeaderClaim, readQueryClaim, type SignatureClaim } from "./signature-claim.ts";
import { type Problem, SignatureProblem } from "./signature-problem.ts";
import { asksForUnsignedOperation } from "./unsigned-request.ts";
import { checkUploadPolicy } from "./upload-policy.ts";
import { lengthOf, SHORT, WholeBodies } from "./whole-body.ts";

export interface AuthenticatorOptions {
  readonly secrets: KnownSecrets;
  readonly catalogue: Pick<Catalogue, "services">;
  /** Host names below which a bucket may stand in front, besides AWS's own. */
  readonly s3HostSuffixes: readonly string[];
  /** Whether S3 requests without a signature pass on to the backend, which knows what is public. */
  readonly anonymousS3: boolean;
  /** Milliseconds by which a caller's clock may differ; AWS allows 15 minutes. */
  readonly clockSkew: number;
  readonly clock: Clock;
  /** Told of each refusal. `code` is one of a few dozen. */
  readonly onRefusal?: (code: string) => void;
}

/** What a secret is compared with that nobody knows: the work is the same. */
const NOBODY: KnownSecret = { secretAccessKey: "0".repeat(40), active: false };
/** Services other than S3 take presigned requests without `X-Amz-Expires` for so long, in seconds. */
const DEFAULT_EXPIRY = 900;

/** Checks the signatures of requests against known secrets, in all forms of Signature Version 4. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  return new SignatureAuthenticator(options);
}

class SignatureAuthenticator implements Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #keys = new SigningKeys();
  readonly #asymmetricKeys = new AsymmetricKeys();
  readonly #bodies = new WholeBodies();
  /** Endpoint prefix → signing names. */
  readonly #signingNames = new Map<string, Set<string>>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    for (const { endpointPrefix, signingName } of options.catalogue.services) {
      const names = this.#signingNames.get(endpointPrefix) ?? new Set();
      this.#signingNames.set(endpointPrefix, names.add(signingName));
    }
  }

  async authenticate(request: ArrivedRequest): Promise<VerifiedRequest> {
    try {
      return await this.#examine(request);
    } catch (error) {
      if (error instanceof SignatureProblem) throw this.#refuse(error.problem, request);
      throw error;
    }
  }

  #refuse(problem: Problem, { routed, head }: ArrivedRequest): AwsError {
    const form = head.headers.has("authorization") ? "header" : "query";
    const error = isS3Family(routed.serviceId) ? s3Refusal(problem, form) : serviceRefusal(problem, routed.protocol);
    this.#options.onRefusal?.(error.code);
    return error;
  }

  async #examine(request: ArrivedRequest): Promise<VerifiedRequest> {
    const { head, routed } = request;
    const authorization = head.headers.get("authorization");
    const inQuery = head.query.some(([name]) => /^x-amz-(?:algorithm|credential|signature)$/i.test(name));
    const inForm = routed.operationName === "PostObject" && routed.credential.accessKeyId !== undefined;
    if (authorization !== undefined && (inQuery || (inForm && routed.signature.method === "query")))
      throw new SignatureProblem({ kind: "several-mechanisms", text: authorization });
    if (routed.signature.version === "SigV2") throw new SignatureProblem({ kind: "unsupported", form: "SigV2" });
    if (routed.bearer) throw new SignatureProblem({ kind: "unsupported", form: "bearer" });
    if (authorization !== undefined) return this.#signed(request, readHeaderClaim(head, authorization));
    if (inQuery) return this.#signed(request, readQueryClaim(head, isS3Family(routed.serviceId)));
    if (inForm) return this.#uploaded(request);
    if (routed.credential.accessKeyId !== undefined) throw new SignatureProblem({ kind: "unsigned" });
    const passes = routed.serviceId === "s3" ? this.#options.anonymousS3 : await asksForUnsignedOperation(request, this.#bodies);
    if (!passes) throw new SignatureProblem({ kind: "unsigned" });
    return this.#unsigned(request);
  }

  #unsigned({ head }: ArrivedRequest): VerifiedRequest {
    const bucket = this.#bucketBefore(head);
    return { checkedBody: undefined, refusal: undefined, forHost: (host) => plainlyHosted(head, bucket, host) };
  }

  async #signed(request: ArrivedRequest, claim: SignatureClaim): Promise<VerifiedRequest> {
    const { head, routed, body } = request;
    // The router has read the same credential, by rules of its own. What is recorded and asked for must be what was signed.
    const { service, region } = claim.scope;
    const sameScope = service === routed.signingName && (region === undefined || region === routed.region);
    if (!sameScope || claim.accessKeyId !== routed.credential.accessKeyId)
      throw new SignatureProblem({ kind: "bad-credential", text: claim.accessKeyId });
    const isS3 = s3SigningNames.has(service);
    const rule: PathRule = isS3 ? "object" : "service";
    this.#checkScope(head, claim);
    checkSignedHeaders(head, claim);
    const payloadClaim = readPayloadClaim(head, claim, routed, isS3);
    const known = this.#options.secrets.secretOf(claim.accessKeyId);
    const secret = known ?? NOBODY;
    const now = this.#options.clock.now();
    if (known !== undefined && known.active) {
      checkToken(claim, known, now);
      this.#checkTime(claim, now);
    }
    const payload = payloadClaim.kind === "implied" ? await this.#impliedHash(body, head, known) : payloadClaim.text;
    const mismatch = this.#compare(signableHead(head), rule, claim, payload, secret.secretAccessKey);
    if (known === undefined || !known.active) throw new SignatureProblem({ kind: "unknown-key", accessKeyId: claim.accessKeyId });
    if (mismatch !== undefined) throw new SignatureProblem(mismatch);

    const checked = await this.#checkedBody(request, claim, payloadClaim, known.secretAccessKey);
    const verified = new CheckedRequest(checked, (problem) => this.#refuse(problem, request));
    const bucket = this.#bucketBefore(head);
    verified.forHost = (host) =>
      resign(
        {
          head,
          bucket,
          chunks: payloadClaim.kind === "chunks" ? checked : undefined,
          claim,
          secret: known.secretAccessKey,
          rule,
          payload,
          now: this.#options.clock.now(),
          keys: this.#keys,
          asymmetricKeys: this.#asymmetricKeys,
        },
        host,
      );
    return verified;
  }

  /** Gives what is wrong with the signature. */
  #compare(
    request: SignableRequest,
    rule: PathRule,
    claim: SignatureClaim,
    payload: string,
    secret: string,
  ): Problem | undefined {
    const canonical = canonicalRequest(request, rule, claim.signedHeaders, payload);
    const text = stringToSign(claim.algorithm, claim.date, claim.scopeText, canonical);
    const present = claim.signedHeaders.every((name) => request.header(name) !== undefined);
    if (this.#holds(claim, text, secret) && present) return undefined;
    const { accessKeyId, signature } = claim;
    return { kind: "mismatch", accessKeyId, signature, stringToSign: text, canonicalRequest: canonical };
  }

  #holds(claim: SignatureClaim, text: string, secret: string): boolean {
    const { algorithm, accessKeyId, scope, signature } = claim;
    if (algorithm === ECDSA_ALGORITHM) return this.#asymmetricKeys.verifies(accessKeyId, secret, text, signature);
    const key = this.#keys.keyFor(secret, scope);
    if (!sameSignature(macHex(key, text), signature)) return false;
    this.#keys.remember(secret, scope, key);
    return true;
  }

  /** AWS's own host names say which service and region they serve; a signature for another one is not for them. */
  #checkScope(head: RequestHead, { scope, date }: SignatureClaim): void {
    if (scope.date !== date.slice(0, 8))
      throw new SignatureProblem({ kind: "bad-scope", faults: [{ part: "date", found: scope.date, expected: date }] });
    const host = readHost(head.headers.get("host"), this.#options.s3HostSuffixes);
    if (host.region !== undefined && scope.region !== undefined && host.region !== scope.region)
      throw new SignatureProblem({ kind: "bad-scope", faults: [{ part: "region", found: scope.region, expected: host.region }] });
    const names = host.s3 === undefined ? this.#signingNames.get(host.endpointPrefix ?? "") : undefined;
    const [expected] = names ?? [];
    if (expected !== undefined && names?.has(scope.service) === false)
      throw new SignatureProblem({ kind: "bad-scope", faults: [{ part: "service", found: scope.service, expected }] });
  }

  #checkTime({ form, date, signedAt, expires }: SignatureClaim, now: number): void {
    const { clockSkew: skew } = this.#options;
    if (form === "header") {
      if (Math.abs(now - signedAt) > skew) throw new SignatureProblem({ kind: "skewed", date, signedAt, now, skew });
      return;
    }
    if (signedAt > now + skew) throw new SignatureProblem({ kind: "not-yet-valid", date, signedAt, now, skew });
    const seconds = expires ?? DEFAULT_EXPIRY;
    const expiresAt = signedAt + seconds * 1000;
    if (now > expiresAt) throw new SignatureProblem({ kind: "expired-request", date, expires: seconds, expiresAt, now });
  }

  /** Nobody's body is read. */
  async #impliedHash(body: RequestBody | undefined, head: RequestHead, known: KnownSecret | undefined): Promise<string> {
    if (body === undefined || known?.active !== true) return EMPTY_HASH;
    return sha256Hex(await this.#bodies.read(body, lengthOf(head.headers)));
  }

  /** What stands in the body's place so that only what was signed passes whole; undefined where nothing has to. */
  async #checkedBody(
    { head, body }: ArrivedRequest,
    claim: SignatureClaim,
    payload: PayloadClaim,
    secret: string,
  ): Promise<Readable | undefined> {
    if (payload.kind === "implied" || payload.kind === "unsigned") return undefined;
    if (payload.kind === "chunks") {
      if (claim.algorithm !== HMAC_ALGORITHM) throw new SignatureProblem({ kind: "unsupported", form: "asymmetric-chunks" });
      if (body === undefined) throw new SignatureProblem({ kind: "incomplete-chunks" });
      const key = this.#keys.keyFor(secret, claim.scope);
      const signer = new ChunkSigner(key, claim.date, claim.scopeText, claim.signature);
      const decoded = head.headers.get("x-amz-decoded-content-length") ?? "";
      const decodedLength = /^\d{1,15}$/.test(decoded) ? Number(decoded) : undefined;
      return new CheckedChunks(body, signer, { trailers: payload.trailers, decodedLength });
    }
    if (body === undefined) {
      if (isEmptyHash(payload.text)) return undefined;
      throw new SignatureProblem({ kind: "wrong-body", claimed: payload.text, computed: EMPTY_HASH });
    }
    const length = lengthOf(head.headers);
    // A client that waits to be asked for its body is asked when the backend wants it.
    if (length === undefined || length > SHORT || head.headers.has("expect")) return new CheckedBody(body, payload.text);
    const computed = sha256Hex(await this.#bodies.read(body, length));
    if (computed === payload.text.toLowerCase()) return undefined;
    throw new SignatureProblem({ kind: "wrong-body", claimed: payload.text, computed });
  }

  /** An upload by HTML form: what is signed is the policy that stands in it. */
  async #uploaded(request: ArrivedRequest): Promise<VerifiedRequest> {
    const { head, routed, body } = request;
    const beginning = body === undefined ? new Uint8Array() : await body.peek(UPLOAD_FIELDS_MAX);
    if (body?.failure !== undefined) throw new SignatureProblem({ kind: "no-body" });
    const form = readUploadFields(head.headers.get("content-type") ?? "", beginning);
    const field = (name: string): string => form.fields.get(name) ?? "";
    if (field("x-amz-algorithm") !== HMAC_ALGORITHM) throw new SignatureProblem({ kind: "unsupported-algorithm" });
    const { accessKeyId, scope } = readCredential(field("x-amz-credential"), HMAC_ALGORITHM);
    const policy = field("policy");
    const signature = field("x-amz-signature");
    if (policy === "" || signature === "") throw new SignatureProblem({ kind: "incomplete-query" });
    if (accessKeyId !== routed.credential.accessKeyId || scope.service !== routed.signingName)
      throw new SignatureProblem({ kind: "bad-credential", text: accessKeyId });
    const known = this.#options.secrets.secretOf(accessKeyId);
    const now = this.#options.clock.now();
    if (known?.active === true) checkToken({ token: form.fields.get("x-amz-security-token"), accessKeyId }, known, now);
    const key = this.#keys.keyFor((known ?? NOBODY).secretAccessKey, scope);
    const holds = sameSignature(macHex(key, policy), signature);
    if (known?.active !== true) throw new SignatureProblem({ kind: "unknown-key", accessKeyId });
    if (!holds)
      throw new SignatureProblem({ kind: "mismatch", accessKeyId, signature, stringToSign: policy, canonicalRequest: undefined });
    checkUploadPolicy(policy, form, routed.s3?.bucket ?? "", now);
    return this.#unsigned(request);
  }

  #bucketBefore(head: RequestHead): string | undefined {
    return readHost(head.headers.get("host"), this.#options.s3HostSuffixes).s3?.bucket;
  }
}

/** A request whose body is checked while it passes. */
class CheckedRequest implements VerifiedRequest {
  readonly checkedBody: Readable | undefined;
  forHost: VerifiedRequest["forHost"];
  #refusal: AwsError | undefined;

  constructor(checkedBody: Readable | undefined, refuse: (problem: Problem) => AwsError) {
    this.checkedBody = checkedBody;
    checkedBody?.once("error", (error) => {
      if (error instanceof SignatureProblem) this.#refusal = refuse(error.problem);
    });
  }

  get refusal(): AwsError | undefined {
    return this.#refusal;
  }
}

/** AWS wants the host and all of its own headers signed. The payload's hash is signed in any case. */
function checkSignedHeaders({ headers }: RequestHead, { signedHeaders }: SignatureClaim): void {
  const names = signedHeaders.includes("host") ? [] : ["host"];
  for (const name of headers.keys()) {
    if (name.startsWith("x-amz-") && name !== "x-amz-content-sha256" && !signedHeaders.includes(name)) names.push(name);
  }
  if (names.length > 0) throw new SignatureProblem({ kind: "headers-not-signed", names });
}

/** A session's key is worth nothing without its token, and no other key comes with one. */
function checkToken(
  { token, accessKeyId }: Pick<SignatureClaim, "token" | "accessKeyId">,
  known: KnownSecret,
  now: number,
): void {
  const { sessionTokenDigest, expiresAt } = known;
  if (sessionTokenDigest === undefined) {
    if (token !== undefined) throw new SignatureProblem({ kind: "bad-token", token });
    if (expiresAt !== undefined && now > expiresAt) throw new SignatureProblem({ kind: "expired-token", token: "" });
    return;
  }
  if (token === undefined) throw new SignatureProblem({ kind: "unknown-key", accessKeyId });
  const digest = createHash("sha256").update(token, "latin1").digest();
  if (digest.length !== sessionTokenDigest.length || !timingSafeEqual(digest, sessionTokenDigest))
    throw new SignatureProblem({ kind: "bad-token", token });
  if (expiresAt !== undefined && now > expiresAt) throw new SignatureProblem({ kind: "expired-token", token });
}
