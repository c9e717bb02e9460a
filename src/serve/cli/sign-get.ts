import { formatAmzDate } from "../../aws/sigv4/amz-date.ts";
import { canonicalRequest } from "../../aws/sigv4/canonical-request.ts";
import { scopeText } from "../../aws/sigv4/signing-scope.ts";
import { SigningKeys } from "../../aws/sigv4/signing-keys.ts";
import { EMPTY_HASH, HMAC_ALGORITHM, macHex, stringToSign } from "../../aws/sigv4/string-to-sign.ts";
import type { AwsCredentials } from "./aws-credentials.ts";

const SERVICE = "cloudtrail";

/** The headers with which a GET without body is signed as a call to CloudTrail is (SigV4, header form). */
export function signGet(url: URL, credentials: AwsCredentials, nowMilliseconds: number): Readonly<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = credentials;
  const date = formatAmzDate(nowMilliseconds);
  const signed: Readonly<Record<string, string>> = {
    host: url.host,
    "x-amz-date": date,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
  };
  const names = Object.keys(signed);
  const request = { method: "GET", path: url.pathname, query: url.search.slice(1), header: (name: string) => signed[name] };
  const scope = { date: date.slice(0, 8), region, service: SERVICE };
  const text = stringToSign(HMAC_ALGORITHM, date, scopeText(scope), canonicalRequest(request, "service", names, EMPTY_HASH));
  const signature = macHex(new SigningKeys().keyFor(secretAccessKey, scope), text);
  const { host: _, ...sent } = signed;
  return {
    ...sent,
    authorization: `${HMAC_ALGORITHM} Credential=${accessKeyId}/${scopeText(scope)}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}
