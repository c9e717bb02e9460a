import type { Catalogue, Service } from "../../../aws/catalogue/model.ts";
import type { Protocol } from "../../../aws/protocol.ts";
import { parseForm } from "../../../aws/query/form.ts";
import { remembered } from "../../../base/remembered.ts";
import { readHost, type AwsHost } from "./aws-host.ts";
import type { RequestHead } from "./request-head.ts";
import type { Routed, Router } from "./routed.ts";
import { isForm, readRpcRequest, rpcProtocol, serviceOf, type RpcRequest } from "./rpc-request.ts";
import { readS3Address } from "./s3-address.ts";
import { findS3Operation, isFormUpload } from "./s3-operations.ts";
import { preferred } from "./service-preference.ts";
import { fromCredential, readSignature, type SignatureFacts } from "./signature-facts.ts";
import { readUploadForm } from "./upload-form.ts";
import { UriTrie, type RestMatch } from "./uri-trie.ts";

export interface RouterOptions {
  /** Host names below which a bucket may stand in front (`s3.localhost`), besides AWS's own. */
  readonly s3HostSuffixes: readonly string[];
  /** Region of requests that name none. */
  readonly defaultRegion: string;
}

/** Signing names below which S3's own operations are signed. */
export const s3SigningNames: ReadonlySet<string> = new Set(["s3", "s3express", "s3-outposts", "s3-object-lambda"]);
/** REST services that are called without a signature: tokens stand in headers or body. */
const unsignedRestServices = ["sso-oidc", "sso"];
const nameLimit = 256;

/**
 * Signals in order: the credential scope, because it is signed; then what the protocol itself names (target, Smithy path,
 * action, REST binding); then the host; the user agent only between equals. An operation that the signing service does not
 * have is unknown, whatever else the request claims: a backend believes the scope too.
 */
export function createRouter(catalogue: Catalogue, options: RouterOptions): Router {
  return new CatalogueRouter(catalogue, options);
}

/** What both steps know of a request. */
interface Signals {
  readonly head: RequestHead;
  readonly facts: SignatureFacts;
  readonly host: AwsHost;
  /** Services that may be meant, best first; empty where neither scope nor host names a known one. */
  readonly candidates: readonly Service[];
}

class CatalogueRouter implements Router {
  readonly #catalogue: Catalogue;
  readonly #options: RouterOptions;
  readonly #tries = new Map<string, UriTrie>();
  readonly #hostOf: (header: string) => AwsHost;

  constructor(catalogue: Catalogue, options: RouterOptions) {
    this.#catalogue = catalogue;
    this.#options = {
      s3HostSuffixes: options.s3HostSuffixes.map((suffix) => suffix.toLowerCase()),
      defaultRegion: options.defaultRegion,
    };
    const { s3HostSuffixes } = this.#options;
    this.#hostOf = remembered((header) => readHost(header, s3HostSuffixes));
  }

  route(head: RequestHead): Routed {
    const signals = this.#signals(head);
    const { facts, host, candidates } = signals;
    if (facts.signingName !== undefined && s3SigningNames.has(facts.signingName)) {
      return (
        this.#restAmong(
          candidates.filter((service) => isS3Sibling(service, head, host)),
          signals,
        ) ?? this.#s3(signals)
      );
    }
    if (facts.signingName === undefined && host.s3 !== undefined && host.s3.form !== "s3-control") return this.#s3(signals);
    const rpc = readRpcRequest(head);
    if (rpc !== undefined) return this.#rpc(rpc, signals);
    if (isForm(head) && this.#mayBeQuery(signals)) return { ...this.#unknown(signals, "awsQuery"), awaits: "form" };
    const rest = this.#restAmong(candidates, signals);
    if (rest !== undefined) return rest;
    if (facts.signingName !== undefined || candidates.length > 0) return this.#unknown(signals, guessProtocol(head, candidates));
    return this.#restAmong(this.#unsignedRest(head), signals) ?? this.#s3(signals);
  }

  routeBody(head: RequestHead, first: Routed, body: Uint8Array): Routed {
    if (first.awaits === "multipart") return withUploadForm(head, first, body);
    const pairs = parseForm(body);
    const value = (name: string): string | undefined => pairs.find(([key]) => key === name)?.[1];
    const operationName = value("Action");
    const key = first.credential.accessKeyId ?? value("AWSAccessKeyId");
    const legacy = first.signature.version === undefined && key !== undefined;
    const credential = { accessKeyId: key, temporary: first.credential.temporary || value("SecurityToken") !== undefined };
    const routed =
      operationName === undefined || operationName === ""
        ? { ...first, awaits: undefined }
        : this.#rpc({ kind: "action", operationName, qualifier: value("Version") }, this.#signals(head));
    return { ...routed, credential, signature: legacy ? { version: "SigV2", method: "query" } : first.signature };
  }

  #signals(head: RequestHead): Signals {
    const facts = readSignature(head);
    const host = asAccountHost(this.#hostOf(head.headers.get("host") ?? ""), head);
    const signed = facts.signingName === undefined ? [] : this.#bySigningName(facts.signingName);
    const bearer = facts.bearer ? this.#catalogue.bySigningName("bedrock") : [];
    const hosted =
      facts.signingName === undefined && host.endpointPrefix !== undefined && host.s3 === undefined
        ? this.#catalogue.services.filter((service) => service.endpointPrefix === host.endpointPrefix)
        : [];
    const found = signed.length > 0 ? signed : hosted.length > 0 ? hosted : bearer;
    return { head, facts, host, candidates: preferred(found, host, head.headers.get("user-agent")) };
  }

  #bySigningName(signingName: string): readonly Service[] {
    const own = this.#catalogue.bySigningName(signingName);
    return s3SigningNames.has(signingName) && signingName !== "s3" ? [...own, ...this.#catalogue.bySigningName("s3")] : own;
  }

  #rpc(rpc: RpcRequest, signals: Signals): Routed {
    const { facts, candidates, head, host } = signals;
    // Unsigned, the qualifier is all there is; so it is where the catalogue does not know the scope's name.
    const pool = candidates.length > 0 ? candidates : preferred(this.#catalogue.services, host, head.headers.get("user-agent"));
    const qualified = candidates.length > 0 || rpc.qualifier !== undefined;
    const service = qualified ? serviceOf(rpc, rpc.kind === "action" ? pool : this.#narrow(rpc, pool)) : undefined;
    const operation = service?.operation(rpc.operationName);
    const protocol = rpcProtocol(rpc, service, head.headers.get("content-type"));
    return {
      ...this.#unknown(signals, protocol),
      service,
      operation,
      serviceId: service?.id ?? facts.signingName ?? host.endpointPrefix ?? "unknown",
      operationName: rpc.operationName.slice(0, nameLimit),
      signingName: facts.signingName ?? service?.signingName ?? "",
    };
  }

  /** Target prefixes and shape names tell services apart: with all of them in the pool, only theirs may answer. */
  #narrow(rpc: RpcRequest, pool: readonly Service[]): readonly Service[] {
    if (pool.length < this.#catalogue.services.length || rpc.qualifier === undefined) return pool;
    const lastLabel = rpc.qualifier.slice(rpc.qualifier.lastIndexOf(".") + 1);
    const service =
      rpc.kind === "cbor"
        ? this.#catalogue.byShapeName(rpc.qualifier)
        : (this.#catalogue.byTargetPrefix(rpc.qualifier) ?? this.#catalogue.byTargetPrefix(lastLabel));
    return service === undefined ? [] : pool.filter(({ shapeName }) => shapeName === service.shapeName);
  }

  #mayBeQuery({ candidates }: Signals): boolean {
    return (
      candidates.length === 0 ||
      candidates.some(({ protocols }) => protocols.includes("awsQuery") || protocols.includes("ec2Query"))
    );
  }

  #unsignedRest(head: RequestHead): readonly Service[] {
    const tokenInHeader = head.headers.has("x-amz-sso_bearer_token");
    return unsignedRestServices
      .filter((id) => (id === "sso" ? tokenInHeader : head.method === "POST"))
      .flatMap((id) => this.#catalogue.service(id) ?? []);
  }

  #restAmong(services: readonly Service[], signals: Signals): Routed | undefined {
    let best: RestMatch | undefined;
    for (const service of services) {
      const match = speaksRest(service) ? this.#trie(service).find(signals.head) : undefined;
      if (match !== undefined && (best === undefined || match.specificity > best.specificity)) best = match;
    }
    if (best === undefined) return undefined;
    const { operation, labels } = best;
    return {
      ...this.#unknown(signals, operation.service.protocols.find(isRest) ?? "restJson1"),
      service: operation.service,
      operation,
      serviceId: operation.service.id,
      operationName: operation.name,
      signingName: signals.facts.signingName ?? operation.service.signingName,
      labels,
    };
  }

  #s3(signals: Signals): Routed {
    const { head, host, facts } = signals;
    const service = this.#catalogue.service("s3");
    const s3 = readS3Address(head.path, host.s3);
    const name = findS3Operation(head, s3, host.s3?.form ?? "s3");
    const base = this.#unknown(signals, "restXml");
    return {
      ...base,
      service,
      operation: name === undefined ? undefined : service?.operation(name),
      serviceId: "s3",
      operationName: name ?? base.operationName,
      signingName: facts.signingName ?? "s3",
      s3,
      labels: new Map([
        ...(s3.bucket === undefined ? [] : [["Bucket", s3.bucket] as const]),
        ...(s3.key === undefined ? [] : [["Key", s3.key] as const]),
      ]),
      awaits: name === "PostObject" && isFormUpload(head) ? "multipart" : undefined,
    };
  }

  #unknown({ head, facts, host, candidates }: Signals, protocol: Protocol): Routed {
    const service = candidates.length === 1 ? candidates[0] : undefined;
    return {
      service,
      operation: undefined,
      serviceId: service?.id ?? facts.signingName ?? host.endpointPrefix ?? "unknown",
      operationName: `${head.method} ${head.path}`.slice(0, nameLimit),
      protocol,
      signingName: facts.signingName ?? service?.signingName ?? "",
      region: facts.region ?? host.region ?? this.#options.defaultRegion,
      credential: { accessKeyId: facts.accessKeyId, temporary: facts.temporary },
      signature: facts.signature,
      bearer: facts.bearer,
      s3: undefined,
      labels: undefined,
      awaits: undefined,
    };
  }

  /** Compiled on first use: most processes see a handful of the catalogue's services. */
  #trie(service: Service): UriTrie {
    let trie = this.#tries.get(service.id);
    if (trie === undefined) this.#tries.set(service.id, (trie = new UriTrie(service)));
    return trie;
  }
}

/**
 * Clients of S3 Control put the account in front of whatever host they are given (`123456789012.localhost`), where a bucket
 * would stand. The header that only they send tells.
 */
function asAccountHost(host: AwsHost, head: RequestHead): AwsHost {
  const account = head.headers.get("x-amz-account-id");
  if (account === undefined || host.s3?.form !== "s3" || host.s3.bucket !== account) return host;
  return { ...host, s3: { bucket: undefined, form: "s3-control" } };
}

/**
 * Services that share S3's signing names but have bindings of their own. S3 Control is known by its hosts, and by the
 * account header on its dated paths where the host says nothing.
 */
function isS3Sibling(service: Service, head: RequestHead, host: AwsHost): boolean {
  if (service.id === "s3") return false;
  if (host.s3 !== undefined && host.s3.form !== "s3")
    return host.s3.form === service.endpointPrefix || host.s3.form === "s3-outposts";
  if (host.s3?.bucket !== undefined) return false;
  return service.id === "s3-control"
    ? head.headers.has("x-amz-account-id") && head.path.startsWith("/v20180820/")
    : head.path.startsWith("/S3Outposts/");
}

function withUploadForm(head: RequestHead, first: Routed, body: Uint8Array): Routed {
  const form = readUploadForm(head.headers.get("content-type") ?? "", body);
  const routed: Routed = {
    ...first,
    awaits: undefined,
    s3: { bucket: first.s3?.bucket, key: form.key },
    credential: {
      accessKeyId: form.accessKeyId ?? first.credential.accessKeyId,
      temporary: form.securityToken || first.credential.temporary,
    },
    signature: form.accessKeyId === undefined ? first.signature : { version: "SigV2", method: "query" },
  };
  if (form.credential === undefined) return routed;
  const facts = fromCredential(form.credential, "query", false);
  return {
    ...routed,
    credential: { accessKeyId: facts.accessKeyId, temporary: form.securityToken },
    signature: facts.signature,
    region: facts.region ?? first.region,
  };
}

function guessProtocol(head: RequestHead, candidates: readonly Service[]): Protocol {
  const [first] = candidates;
  if (first !== undefined) return first.protocols.find(isRest) ?? first.protocols[0] ?? "restJson1";
  return /\bxml\b/i.test(head.headers.get("content-type") ?? "") ? "restXml" : "restJson1";
}

function speaksRest(service: Service): boolean {
  return service.protocols.some(isRest);
}

function isRest(protocol: Protocol): boolean {
  return protocol === "restJson1" || protocol === "restXml";
}
