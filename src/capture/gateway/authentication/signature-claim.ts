import { isRegionName } from "../../../aws/region.ts";
import { formatAmzDate, parseAmzDate, parseSigningDate } from "../../../aws/sigv4/amz-date.ts";
import { SCOPE_END, scopeText, type SigningScope } from "../../../aws/sigv4/signing-scope.ts";
import { ECDSA_ALGORITHM, HMAC_ALGORITHM } from "../../../aws/sigv4/string-to-sign.ts";
import type { RequestHead } from "../routing/request-head.ts";
import { type ScopeFault, SignatureProblem } from "./signature-problem.ts";

/** What a request says of its own signature. */
export interface SignatureClaim {
  readonly form: "header" | "query";
  readonly algorithm: typeof HMAC_ALGORITHM | typeof ECDSA_ALGORITHM;
  readonly accessKeyId: string;
  readonly scope: SigningScope;
  /** `scope` as it is signed. */
  readonly scopeText: string;
  /** Lower-case names, in the request's order. */
  readonly signedHeaders: readonly string[];
  /** Hex; in lower case as far as AWS writes it. */
  readonly signature: string;
  /** `yyyyMMdd'T'HHmmss'Z'` */
  readonly date: string;
  /** `date`, in epoch milliseconds. */
  readonly signedAt: number;
  /** Seconds that a presigned request holds; undefined where it does not say, and for all others. */
  readonly expires: number | undefined;
  readonly token: string | undefined;
}

/** "X-Amz-Expires" of the Amazon S3 API Reference: a week. */
const LONGEST_EXPIRY = 604_800;
const SIGNED_HEADERS_MAX = 256;
const ALGORITHMS: readonly string[] = [HMAC_ALGORITHM, ECDSA_ALGORITHM];

/** Reads the Authorization header. Throws `SignatureProblem`. */
export function readHeaderClaim(head: RequestHead, authorization: string): SignatureClaim {
  const space = authorization.search(/\s/);
  const algorithm = space === -1 ? authorization : authorization.slice(0, space);
  if (!isAlgorithm(algorithm)) throw new SignatureProblem({ kind: "unsupported-authorization", text: authorization });
  const parts = new Map<string, string>();
  for (const part of space === -1 ? [] : authorization.slice(space + 1).split(",")) {
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(equals, 0)).trim();
    if (equals === -1 || parts.has(name)) throw new SignatureProblem({ kind: "incomplete", missing: [], text: part.trim() });
    parts.set(name, part.slice(equals + 1).trim());
  }
  const missing = ["Credential", "Signature", "SignedHeaders"].filter((name) => (parts.get(name) ?? "") === "");
  if (missing.length > 0) throw new SignatureProblem({ kind: "incomplete", missing, text: authorization });

  const dateText = head.headers.get("x-amz-date") ?? head.headers.get("date");
  if (dateText === undefined) throw new SignatureProblem({ kind: "no-date", text: authorization });
  const signedAt = parseSigningDate(dateText.trim());
  if (signedAt === undefined) throw new SignatureProblem({ kind: "bad-date", text: dateText });
  const { headers } = head;
  return {
    form: "header",
    algorithm,
    ...readCredential(parts.get("Credential") ?? "", algorithm),
    signedHeaders: namesIn(parts.get("SignedHeaders") ?? ""),
    signature: parts.get("Signature") ?? "",
    date: formatAmzDate(signedAt),
    signedAt,
    expires: undefined,
    token: headers.get("x-amz-security-token") ?? headers.get("x-amz-s3session-token"),
  };
}

/** Reads the parameters of a presigned request; S3 wants them all. Throws `SignatureProblem`. */
export function readQueryClaim(head: RequestHead, isS3: boolean): SignatureClaim {
  const values = new Map<string, string>();
  for (const [name, value] of head.query) {
    const lower = name.toLowerCase();
    if (!lower.startsWith("x-amz-")) continue;
    // Which of two the next reader takes, nobody can know.
    if (values.has(lower) && AUTHENTICATION_PARAMETERS.has(lower)) throw new SignatureProblem({ kind: "incomplete-query" });
    values.set(lower, value);
  }
  const required = [...REQUIRED_PARAMETERS, ...(isS3 ? ["x-amz-expires"] : [])];
  if (required.some((name) => (values.get(name) ?? "") === "")) throw new SignatureProblem({ kind: "incomplete-query" });
  const algorithm = values.get("x-amz-algorithm") ?? "";
  if (!isAlgorithm(algorithm)) throw new SignatureProblem({ kind: "unsupported-algorithm" });
  const date = values.get("x-amz-date") ?? "";
  const signedAt = parseAmzDate(date);
  if (signedAt === undefined) throw new SignatureProblem({ kind: "bad-date", text: date });
  return {
    form: "query",
    algorithm,
    ...readCredential(values.get("x-amz-credential") ?? "", algorithm),
    signedHeaders: namesIn(values.get("x-amz-signedheaders") ?? ""),
    signature: values.get("x-amz-signature") ?? "",
    date,
    signedAt,
    expires: readExpiry(values.get("x-amz-expires")),
    token: values.get("x-amz-security-token") ?? head.headers.get("x-amz-security-token"),
  };
}

/** Reads `KEY/DATE/REGION/SERVICE/aws4_request`. Throws `SignatureProblem` for what has not that form. */
export function readCredential(
  text: string,
  algorithm: SignatureClaim["algorithm"],
): Pick<SignatureClaim, "accessKeyId" | "scope" | "scopeText"> {
  const parts = text.split("/");
  const length = algorithm === ECDSA_ALGORITHM ? 3 : 4;
  const accessKeyId = parts.slice(0, -length).join("/");
  if (parts.length <= length || accessKeyId === "" || accessKeyId.length > 128)
    throw new SignatureProblem({ kind: "bad-credential", text });
  const [date = "", ...rest] = parts.slice(-length);
  const [service = "", end = ""] = rest.slice(-2);
  const scope = { date, region: length === 4 ? (rest[0] ?? "") : undefined, service };
  const faults: ScopeFault[] = [];
  if (scope.region !== undefined && !isRegionName(scope.region))
    faults.push({ part: "region", found: scope.region, expected: "us-east-1" });
  if (!/^[a-z0-9._-]{1,64}$/.test(service)) faults.push({ part: "service", found: service, expected: service.toLowerCase() });
  if (end !== SCOPE_END) faults.push({ part: "terminator", found: end, expected: SCOPE_END });
  if (!/^\d{8}$/.test(date)) faults.push({ part: "date-format", found: date, expected: "yyyyMMdd" });
  if (faults.length > 0) throw new SignatureProblem({ kind: "bad-scope", faults });
  return { accessKeyId, scope, scopeText: scopeText(scope) };
}

const REQUIRED_PARAMETERS = ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signedheaders", "x-amz-signature"];
const AUTHENTICATION_PARAMETERS: ReadonlySet<string> = new Set([
  ...REQUIRED_PARAMETERS,
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-content-sha256",
]);

function isAlgorithm(text: string): text is SignatureClaim["algorithm"] {
  return ALGORITHMS.includes(text);
}

function namesIn(text: string): readonly string[] {
  return text.split(";").slice(0, SIGNED_HEADERS_MAX);
}

function readExpiry(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(text)) throw new SignatureProblem({ kind: "bad-expiry", reason: "not a number" });
  const seconds = Number(text);
  if (seconds < 0) throw new SignatureProblem({ kind: "bad-expiry", reason: "negative" });
  if (seconds > LONGEST_EXPIRY) throw new SignatureProblem({ kind: "bad-expiry", reason: "too long" });
  return seconds;
}
