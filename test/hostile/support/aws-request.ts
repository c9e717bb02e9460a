import { plainAnswer } from "./strict-upstream.ts";

/** Whether the suites run for minutes instead of seconds. */
export const LONG = process.env["OPENTRAIL_HOSTILE"] === "long";

/** Field lines of a call that somebody signed for a service. */
export function signedFor(service: string): readonly string[] {
  return [
    `Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260302/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
    "X-Amz-Date: 20260302T000000Z",
  ];
}

/** A request's bytes: line, fields, body as it stands. */
export function request(line: string, fields: readonly string[], body = ""): string {
  return `${[line, ...fields].join("\r\n")}\r\n\r\n${body}`;
}

/** A call that changes something and is always recorded; its record names `userName`. */
export function createUser(userName: string, further: readonly string[] = []): string {
  const body = `Action=CreateUser&Version=2010-05-08&UserName=${userName}`;
  const fields = [
    "Host: localhost",
    ...signedFor("iam"),
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${body.length}`,
  ];
  return request("POST / HTTP/1.1", [...fields, ...further], body);
}

/** S3 calls are data events that nobody selects unless a suite says so. */
export function s3Request(line: string, further: readonly string[] = [], body = ""): string {
  return request(line, ["Host: localhost", ...signedFor("s3"), ...further], body);
}

let answers = 0;

/** A plain answer with an id of its own. */
export function said(
  status = 200,
  body: string | Uint8Array = "<Done/>",
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  answers += 1;
  return plainAnswer(
    status,
    { "x-amzn-requestid": `said-${answers}`, "x-amz-request-id": `said-${answers}`, "content-type": "text/xml", ...headers },
    body,
  );
}
