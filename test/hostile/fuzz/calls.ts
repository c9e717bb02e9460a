import type { Random } from "../support/random.ts";
import type { Draft } from "./piece.ts";
import { brokenJson, brokenXml, cbor, encoded, form, json, text, word, xml } from "./values.ts";

const REGIONS = ["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "mars-1", ""];
const KEYS = ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "test", "a/b/c", "AKIA", ""];

/** A call as some client might make it: a method, a target, the headers that name its service, a body. */
export function call(random: Random): Draft {
  const draft = random.weighed(MAKERS)(random);
  draft.headers.unshift(
    "Host",
    random.pick([
      "localhost:4580",
      "127.0.0.1",
      "bucket.s3.localhost",
      "s3.amazonaws.com",
      "b.s3.eu-west-1.amazonaws.com",
      "dynamodb.us-east-1.amazonaws.com",
      "123456789012.localhost",
      "[::1]:80",
    ]),
  );
  for (let left = random.size(6); left > 0; left -= 1) draft.headers.push(...extraHeader(random));
  draft.framing = draft.body !== undefined && random.chance(0.25) ? "chunked" : "length";
  return draft;
}

function draftOf(method: string, target: string, headers: readonly string[], body?: string | Buffer): Draft {
  return { method, target, headers: [...headers], body: typeof body === "string" ? Buffer.from(body) : body, framing: "length" };
}

function credential(random: Random, service: string): string {
  return `${random.pick(KEYS)}/20260302/${random.pick(REGIONS)}/${service}/aws4_request`;
}

/** The lines that sign a request, in one of the forms that there are. */
function signed(random: Random, service: string): string[] {
  const token = random.chance(0.2) ? ["X-Amz-Security-Token", random.text(random.int(1, 900), "ABCabc123+/=")] : [];
  const form = random.int(0, 19);
  if (form === 0) return token;
  if (form === 1) return ["Authorization", `AWS ${word(random)}:${word(random)}=`, ...token];
  if (form === 2) return ["Authorization", `Bearer ${word(random)}`];
  if (form === 3)
    return [
      "Authorization",
      `AWS4-ECDSA-P256-SHA256 Credential=AKID/20260302/${service}/aws4_request, SignedHeaders=host, Signature=00`,
      "X-Amz-Region-Set",
      "us-*",
    ];
  if (form === 4) return ["Authorization", `AWS4-HMAC-SHA256 ${text(random).replace(/[^\x20-\x7e]/g, "")}`];
  return [
    "Authorization",
    `AWS4-HMAC-SHA256 Credential=${credential(random, service)}, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
    "X-Amz-Date",
    "20260302T000000Z",
    ...token,
  ];
}

function presigned(random: Random, service: string): string {
  const name = random.chance(0.5) ? "X-Amz-" : "x-amz-";
  return `${name}Algorithm=AWS4-HMAC-SHA256&${name}Credential=${encodeURIComponent(credential(random, service))}&${name}Date=20260302T000000Z&${name}Expires=${random.int(-5, 700_000)}&${name}SignedHeaders=host&${name}Signature=${"a".repeat(64)}`;
}

const S3_FLAGS = [
  "acl",
  "versioning",
  "policy",
  "tagging",
  "uploads",
  "delete",
  "lifecycle",
  "website",
  "list-type=2",
  "versions",
  "uploadId=x&partNumber=1",
  "location",
  "cors",
  "attributes",
  "select&select-type=2",
  "restore",
  "x-id=GetObject",
  "legal-hold",
  "encryption",
  "prefix=%2F&delimiter=/",
  "partNumber=1",
];

function s3(random: Random): Draft {
  const method = random.weighed([
    [5, "GET"],
    [5, "PUT"],
    [2, "HEAD"],
    [2, "DELETE"],
    [2, "POST"],
    [0.2, "OPTIONS"],
    [0.2, "PATCH"],
  ] as const);
  const path = `/${random.pick(["bucket", "my.bucket", "_opentrail", "b", encoded(random)])}${random.chance(0.8) ? `/${encoded(random)}` : ""}${random.chance(0.2) ? `//${encoded(random)}/` : ""}`;
  const query = [
    ...(random.chance(0.4) ? [random.pick(S3_FLAGS)] : []),
    ...(random.chance(0.2) ? [presigned(random, "s3")] : []),
    ...(random.chance(0.1) ? [`${encoded(random)}=${encoded(random)}`] : []),
  ].join("&");
  const headers = query.toLowerCase().includes("x-amz-credential") ? [] : signed(random, "s3");
  if (random.chance(0.1)) headers.push("x-amz-copy-source", `/${encoded(random)}/${encoded(random)}`);
  if (random.chance(0.1)) headers.push("Range", random.pick(["bytes=0-9", "bytes=-1", "bytes=9-0", "lines=1"]));
  if (random.chance(0.2)) headers.push(`x-amz-meta-${word(random)}`, word(random));
  const target = query === "" ? path : `${path}?${query}`;
  if (method === "GET" || method === "HEAD" || method === "DELETE") return draftOf(method, target, headers);
  const kind = random.int(0, 5);
  if (kind === 0) return awsChunked(random, method, target, headers);
  if (kind === 1) return uploadForm(random, target);
  if (kind < 4)
    return draftOf(
      method,
      target,
      headers,
      random.chance(0.8)
        ? xml(random, random.pick(["Delete", "CompleteMultipartUpload", "Tagging", "VersioningConfiguration"]))
        : brokenXml(random),
    );
  return draftOf(method, target, headers, random.bytes(Math.max(0, random.size(random.chance(0.01) ? 300_000 : 2000))));
}

function awsChunked(random: Random, method: string, target: string, headers: readonly string[]): Draft {
  const isSigned = random.chance(0.5);
  const extension = isSigned ? `;chunk-signature=${"0".repeat(64)}` : "";
  let body = "";
  for (let left = random.size(8); left > 0; left -= 1) {
    const payload = random.text(random.int(1, 200), "abc\r\n0;");
    const size = random.chance(0.95) ? payload.length.toString(16) : random.pick(["zz", "-1", "ffffffffffffffff", ""]);
    body += `${size}${extension}\r\n${payload}\r\n`;
  }
  body += `0${extension}\r\n${random.chance(0.5) ? "x-amz-checksum-crc32:AAAAAA==\r\n" : ""}${random.chance(0.1) ? "x:y\r\n".repeat(random.int(1, 50)) : ""}\r\n`;
  return draftOf(
    method,
    target,
    [
      ...headers,
      "Content-Encoding",
      "aws-chunked",
      "x-amz-content-sha256",
      isSigned ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" : "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-decoded-content-length",
      String(random.int(0, 2000)),
      "x-amz-trailer",
      "x-amz-checksum-crc32",
    ],
    body,
  );
}

function uploadForm(random: Random, target: string): Draft {
  const boundary = random.pick(["xxx", "-", "a b", "B".repeat(70)]);
  const names = ["key", "policy", "x-amz-credential", "AWSAccessKeyId", "acl", word(random)];
  const parts = Array.from(
    { length: random.int(0, 12) },
    () =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${random.pick(names)}"\r\n\r\n${random.pick(["${filename}", "AKID/20260302/us-east-1/s3/aws4_request", text(random)])}\r\n`,
  );
  const file = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${text(random)}"\r\n\r\n${text(random)}\r\n--${boundary}--\r\n`;
  return draftOf(
    "POST",
    target.split("?")[0] ?? "/",
    ["Content-Type", `multipart/form-data; boundary=${random.chance(0.5) ? boundary : `"${boundary}"`}`],
    parts.join("") + file,
  );
}

const TARGETS = [
  [
    "dynamodb",
    "DynamoDB_20120810",
    ["PutItem", "GetItem", "CreateTable", "ListTables", "BatchWriteItem", "ExecuteStatement", "Nope"],
  ],
  [
    "cloudtrail",
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
    ["LookupEvents", "DescribeTrails", "GetTrail", "CreateTrail", "Nope"],
  ],
  ["cloudtrail", "CloudTrail_20131101", ["LookupEvents", "ListTrails", "GetTrailStatus", "DeleteTrail"]],
  ["sqs", "AmazonSQS", ["CreateQueue", "SendMessage", "ListQueues", "DeleteQueue"]],
  ["kms", "TrentService", ["Encrypt", "CreateKey", "GenerateDataKey", "Decrypt"]],
  ["logs", "Logs_20140328", ["PutLogEvents", "CreateLogGroup"]],
  ["events", "AWSEvents", ["PutRule", "PutEvents"]],
  ["secretsmanager", "secretsmanager", ["GetSecretValue", "CreateSecret"]],
  ["ssm", "AmazonSSM", ["PutParameter", "GetParameter"]],
  ["states", "AWSStepFunctions", ["StartExecution"]],
] as const;

function target(random: Random): Draft {
  const [service, prefix, names] = random.pick(TARGETS);
  const type = random.pick([
    "application/x-amz-json-1.0",
    "application/x-amz-json-1.1",
    "application/json",
    "text/plain",
    "application/x-amz-cbor-1.1",
  ]);
  const name = random.chance(0.95) ? random.pick<string>(names) : word(random);
  const body = type.endsWith("cbor-1.1") ? cbor(random) : random.chance(0.85) ? json(random) : brokenJson(random);
  return draftOf("POST", "/", ["Content-Type", type, "X-Amz-Target", `${prefix}.${name}`, ...signed(random, service)], body);
}

const QUERIES = [
  ["iam", "2010-05-08", ["CreateUser", "ListUsers", "CreateAccessKey", "PutUserPolicy"]],
  [
    "sts",
    "2011-06-15",
    ["AssumeRole", "GetCallerIdentity", "AssumeRoleWithWebIdentity", "GetSessionToken", "AssumeRoleWithSAML"],
  ],
  ["sns", "2010-03-31", ["CreateTopic", "Publish", "ListTopics"]],
  ["sqs", "2012-11-05", ["CreateQueue", "SendMessage"]],
  ["ec2", "2016-11-15", ["RunInstances", "DescribeInstances", "CreateTags"]],
  ["cloudformation", "2010-05-15", ["CreateStack"]],
  ["rds", "2014-10-31", ["CreateDBInstance"]],
  ["monitoring", "2010-08-01", ["PutMetricData"]],
] as const;

function query(random: Random): Draft {
  const [service, version, names] = random.pick(QUERIES);
  const action = random.chance(0.95) ? random.pick<string>(names) : encoded(random);
  const pairs = form(random, [`Action=${action}`, `Version=${version}`]);
  if (random.chance(0.1)) return draftOf(random.pick(["GET", "POST"]), `/?${pairs}`, signed(random, service));
  return draftOf(
    "POST",
    "/",
    ["Content-Type", "application/x-www-form-urlencoded; charset=utf-8", ...signed(random, service)],
    random.chance(0.95) ? pairs : "&=&".repeat(random.int(1, 3000)),
  );
}

const RESTS = [
  ["lambda", "POST", "/2015-03-31/functions"],
  ["lambda", "GET", "/2015-03-31/functions/"],
  ["lambda", "POST", "/2015-03-31/functions/*/invocations"],
  ["apigateway", "POST", "/restapis/*/resources/*"],
  ["eks", "POST", "/clusters"],
  ["route53", "POST", "/2013-04-01/hostedzone"],
  ["cloudfront", "POST", "/2020-05-31/distribution"],
  ["s3", "PUT", "/v20180820/accesspoint/*"],
  ["es", "GET", "/2021-01-01/opensearch/domain/*"],
  ["bedrock", "POST", "/model/*/invoke"],
  ["execute-api", "PATCH", "/*/*/*/*/*"],
] as const;

function rest(random: Random): Draft {
  const [service, method, path] = random.pick(RESTS);
  const filled = path.replaceAll("*", () => encoded(random) || "x");
  const headers = ["Content-Type", random.pick(["application/json", "application/xml", "text/xml"]), ...signed(random, service)];
  if (service === "s3") headers.push("x-amz-account-id", "123456789012");
  return draftOf(
    method,
    random.chance(0.3) ? `${filled}?${encoded(random)}=${encoded(random)}` : filled,
    headers,
    method === "GET" ? undefined : random.chance(0.5) ? json(random) : xml(random),
  );
}

function smithy(random: Random): Draft {
  const service = random.pick(["GraniteServiceVersion20100801", "Nope", word(random)]);
  return draftOf(
    "POST",
    `/service/${service}/operation/${random.pick(["PutMetricData", "ListMetrics", word(random)])}`,
    ["smithy-protocol", "rpc-v2-cbor", "Content-Type", "application/cbor", ...signed(random, "monitoring")],
    cbor(random),
  );
}

function strange(random: Random): Draft {
  const path = random.pick([
    "/",
    "//",
    "/.",
    "/..",
    "/%2e%2e/",
    "/?",
    "/??",
    "/?&&&",
    `/${"a/".repeat(random.int(1, 2000))}`,
    `/?${"a&".repeat(random.int(1, 5000))}`,
    `/${"%41".repeat(random.int(1, 3000))}`,
    "http://elsewhere/x",
    "HTTP://[::1]:1/y?z",
    "http://",
  ]);
  const method = random.pick([
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "LOCK",
    "REPORT",
    "SEARCH",
    "PURGE",
    "LINK",
  ]);
  return draftOf(
    method,
    path,
    signed(random, random.pick(["s3", "iam", "unheard-of", "x".repeat(64)])),
    random.chance(0.5) ? random.bytes(random.int(0, 100)) : undefined,
  );
}

function extraHeader(random: Random): [string, string] {
  return random.pick<() => [string, string]>([
    () => [
      "User-Agent",
      random.pick(["aws-cli/2.15 md/x", "aws-sdk-js/3.0", word(random), "x".repeat(random.int(1, 3000)), "\u00e9"]),
    ],
    () => ["X-Forwarded-For", random.pick(["10.0.0.1", "a, b, c", ",".repeat(random.int(1, 2000)), "::ffff:1.2.3.4, [::1]:80"])],
    () => ["Content-MD5", word(random)],
    () => ["Accept-Encoding", random.pick(["gzip, deflate", "identity", "*;q=0"])],
    () => [`x_under_score_${word(random)}`, word(random)],
    () => [`X-Amz-${word(random)}`, word(random)],
    () => ["Connection", random.pick(["keep-alive", "authorization", "host, x-amz-date", "x-amz-target", word(random), "te"])],
    () => ["TE", "trailers"],
    () => ["Cookie", "a=b"],
    () => ["Accept", random.pick(["*/*", "application/vnd.amazon.eventstream"])],
    () => ["amz-sdk-request", "attempt=1; max=3"],
    () => ["x-empty", ""],
  ])();
}

const MAKERS: readonly (readonly [number, (random: Random) => Draft])[] = [
  [6, s3],
  [5, target],
  [5, query],
  [2, rest],
  [1, smithy],
  [1, strange],
];
