import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenTrailProcess, startOpenTrail } from "../support/opentrail-process.ts";
import { request, said, signedFor } from "./support/aws-request.ts";
import { mainThreadMilliseconds } from "./support/process-facts.ts";
import { RawConnection } from "./support/raw-connection.ts";
import { settled } from "./support/settled.ts";
import { startStrictUpstream, type StrictUpstream } from "./support/strict-upstream.ts";

/** What a request may cost the process's first thread, in milliseconds, and what each megabyte of bodies may add. */
const BUSY = 50;
const BUSY_PER_MEGABYTE = 500;

let upstream: StrictUpstream;
let trail: OpenTrailProcess;
let answer: Buffer | undefined;

beforeAll(async () => {
  upstream = await startStrictUpstream(() => answer ?? said(), false);
  trail = await startOpenTrail({ flags: ["--history-data-events", "--upstream", upstream.url, "--log-level", "error"] });
  // Every table read, every path compiled.
  for (const [, make] of ROWS) await play(make(500));
});
afterAll(async () => {
  await trail?.remove();
  await upstream?.close();
});

/** A request, and what the upstream says to it. */
type Play = { readonly bytes: Buffer | string; readonly answer?: Buffer };

/** Octets of a request's head and of a body that are read for the record. */
const HEAD = 60_000;
const BODY = 1_000_000;

const post = (service: string, fields: readonly string[], body: string | Buffer): Play => {
  const bytes = Buffer.from(body as string);
  return {
    bytes: Buffer.concat([
      Buffer.from(
        request("POST / HTTP/1.1", ["Host: localhost", ...signedFor(service), ...fields, `Content-Length: ${bytes.length}`]),
        "latin1",
      ),
      bytes,
    ]),
  };
};
const json = (body: string, target = "DynamoDB_20120810.PutItem", service = "dynamodb"): Play =>
  post(service, [`X-Amz-Target: ${target}`, "Content-Type: application/x-amz-json-1.0"], body);
const form = (pairs: string, service = "iam"): Play =>
  post(service, ["Content-Type: application/x-www-form-urlencoded"], `Action=CreateUser&Version=2010-05-08&${pairs}`);
const ec2 = (pairs: string): Play =>
  post("ec2", ["Content-Type: application/x-www-form-urlencoded"], `Action=RunInstances&Version=2016-11-15&${pairs}`);
const head = (target: string, fields: readonly string[] = [], service = "s3"): Play => ({
  bytes: request(`GET ${target} HTTP/1.1`, [
    "Host: localhost",
    ...(fields.some((field) => field.startsWith("Authorization")) ? [] : signedFor(service)),
    ...fields,
  ]),
});
const s3Body = (target: string, body: string, fields: readonly string[] = []): Play => ({
  bytes: request(
    `POST ${target} HTTP/1.1`,
    ["Host: localhost", ...signedFor("s3"), ...fields, `Content-Length: ${Buffer.byteLength(body)}`],
    body,
  ),
});
const answered = (body: string, type: string, status = 200): Play => ({
  ...form("UserName=u"),
  answer: said(status, body, { "content-type": type }),
});
const times = (text: string, size: number): string => text.repeat(Math.ceil(size / text.length));
const numbered = (size: number, each: (at: number) => string, between = "&"): string => {
  const parts: string[] = [];
  for (let at = 0, length = 0; length < size; at += 1) length += (parts[parts.push(each(at)) - 1]?.length ?? 0) + between.length;
  return parts.join(between);
};

/** Each makes a request of about so many octets, up to what its place holds. */
const ROWS: readonly (readonly [name: string, make: (size: number) => Play, most: number])[] = [
  ["slashes in a path", (size) => head(times("/", size)), HEAD],
  ["segments in a path", (size) => head(`/restapis/${times("a/", size)}`, [], "apigateway"), HEAD],
  ["a greedy path", (size) => head(`/2015-03-31/functions/${times("x/functions/", size)}`, [], "lambda"), HEAD],
  ["percent signs in a path", (size) => head(`/b/${times("%", size)}`), HEAD],
  ["percent codes of broken UTF-8", (size) => head(`/b/${times("%e2%82", size)}`), HEAD],
  ["flags in a query", (size) => head(`/b?${times("a&", size)}`), HEAD],
  ["empty pairs in a query", (size) => head(`/?${times("=&", size)}`), HEAD],
  ["the same name in a query", (size) => head(`/b?${times("X-Amz-Credential=&", size)}`), HEAD],
  ["a presigned credential of slashes", (size) => head(`/b?X-Amz-Credential=${times("%2F", size)}`), HEAD],
  ["spaces in Authorization", (size) => head("/b", [`Authorization: AWS4-HMAC-SHA256 ${times(" ", size)}x`]), HEAD],
  ["commas in Authorization", (size) => head("/b", [`Authorization: AWS4-HMAC-SHA256 ${times(",", size)}`]), HEAD],
  ["Credential= again and again", (size) => head("/b", [`Authorization: AWS4-HMAC-SHA256 ${times("Credential=,", size)}`]), HEAD],
  [
    "SignedHeaders without end",
    (size) =>
      head("/b", [
        `Authorization: AWS4-HMAC-SHA256 Credential=A/20260302/us-east-1/s3/aws4_request, SignedHeaders=${times("a;", size)}, Signature=0`,
      ]),
    HEAD,
  ],
  ["slashes in a credential", (size) => head("/b", [`Authorization: AWS4-HMAC-SHA256 Credential=${times("/", size)}`]), HEAD],
  ["one header again and again", (size) => head("/b", [numbered(size, () => "a: b", "\r\n")]), HEAD],
  ["headers of different names", (size) => head("/b", [numbered(size, (at) => `a${at}: b`, "\r\n")]), HEAD],
  ["metadata headers", (size) => head("/b", [numbered(size, (at) => `x-amz-meta-${at}: b`, "\r\n")]), HEAD],
  ["names in Connection", (size) => head("/b", [`Connection: ${times("a,", size)}`]), HEAD],
  ["hops in X-Forwarded-For", (size) => head("/b", [`X-Forwarded-For: ${times("1.1.1.1,", size)}`]), HEAD],
  [
    "dots in Host",
    (size) => ({ bytes: request("GET / HTTP/1.1", [`Host: ${times("a.", size)}s3.localhost`, ...signedFor("s3")]) }),
    HEAD,
  ],
  ["dashes in Host", (size) => ({ bytes: request("GET / HTTP/1.1", [`Host: ${times("s3-", size)}.amazonaws.com`]) }), HEAD],
  ["digits in Host", (size) => ({ bytes: request("GET / HTTP/1.1", [`Host: x:${times("1", size)}x`]) }), HEAD],
  ["a long user agent", (size) => head("/b", [`User-Agent: ${times("aws-sdk-js/ ", size)}`]), HEAD],
  ["a long target", (size) => post("dynamodb", [`X-Amz-Target: ${times("a.", size)}`], "{}"), HEAD],
  [
    "a Smithy path",
    (size) => head(`/service/${times("a/operation/", size)}`, ["smithy-protocol: rpc-v2-cbor"], "monitoring"),
    HEAD,
  ],
  [
    "a copy source",
    (size) => ({
      bytes: request("PUT /b/k HTTP/1.1", [
        "Host: localhost",
        ...signedFor("s3"),
        `x-amz-copy-source: ${times("/%2f", size)}`,
        "Content-Length: 0",
      ]),
    }),
    HEAD,
  ],
  [
    "a boundary",
    (size) => s3Body("/b", "x", [`Content-Type: multipart/form-data; boundary=${times("a", Math.min(size, HEAD))}`]),
    HEAD,
  ],
  ["arrays in arrays", (size) => json(`{"TableName":${times("[", size)}`), BODY],
  ["objects in objects", (size) => json(times('{"a":', size)), BODY],
  [
    "an item of maps in maps",
    (size) => json(`{"TableName":"t","Item":{"a":${times('{"M":{"a":', size / 2)}1${times("}}", size / 6)}}}`),
    BODY,
  ],
  ["members by the thousand", (size) => json(`{${numbered(size, (at) => `"a${at}":1`, ",")}}`), BODY],
  [
    "items by the thousand",
    (size) => json(`{"TableName":"t","Item":{${numbered(size, (at) => `"a${at}":{"S":"x"}`, ",")}}}`),
    BODY,
  ],
  ["the same member", (size) => json(`{${numbered(size, () => '"TableName":"t"', ",")}}`), BODY],
  ["a number without end", (size) => json(`{"TableName":${times("9", size)}}`), BODY],
  ["escapes in a string", (size) => json(`{"TableName":"${times("\\u00e9", size)}"}`), BODY],
  ["quotes in a string", (size) => json(`{"TableName":"${times('\\"', size)}"}`), BODY],
  ["spaces in JSON", (size) => json(`{${times(" ", size)}"TableName":"t"}`), BODY],
  ["PartiQL", (size) => json(`{"Statement":"${times("SELECT * FROM ", size)}"}`, "DynamoDB_20120810.ExecuteStatement"), BODY],
  [
    "PartiQL of quotes",
    (size) => json(`{"Statement":"INSERT INTO ${times('\\"', size)}"}`, "DynamoDB_20120810.ExecuteStatement"),
    BODY,
  ],
  [
    "LookupEvents with attributes",
    (size) =>
      json(
        `{"LookupAttributes":[${numbered(size, () => '{"AttributeKey":"EventName","AttributeValue":"x"}', ",")}]}`,
        "CloudTrail_20131101.LookupEvents",
        "cloudtrail",
      ),
    BODY,
  ],
  ["pairs of a form", (size) => form(numbered(size, (at) => `a${at}=1`)), BODY],
  ["empty pairs of a form", (size) => form(times("&", size)), BODY],
  ["plus signs in a form", (size) => form(`UserName=${times("+", size)}`), BODY],
  ["percent signs in a form", (size) => form(`UserName=${times("%", size)}`), BODY],
  ["dots in a form's name", (size) => form(`${times("a.", size)}=1`), BODY],
  ["a list of many in a form", (size) => form(numbered(size, (at) => `Tags.member.${at}.Key=k`)), BODY],
  ["a list with holes", (size) => form(numbered(size, (at) => `Tags.member.${at * 1000}.Key=k`)), BODY],
  ["EC2 tags", (size) => ec2(numbered(size, (at) => `TagSpecification.${at}.Tag.1.Key=k`)), BODY],
  ["EC2 filters that nobody knows", (size) => ec2(numbered(size, (at) => `X.${at}.Y.${at}.Z=k`)), BODY],
  ["a policy document in a form", (size) => form(`PolicyDocument=${times("%7B", size)}`), BODY],
  ["elements in elements", (size) => s3Body("/b?delete", times("<a>", size)), BODY],
  ["an element's attributes", (size) => s3Body("/b?delete", `<a ${numbered(size, (at) => `a${at}="b"`, " ")}/>`), BODY],
  [
    "keys to delete",
    (size) => s3Body("/b?delete", `<Delete>${numbered(size, (at) => `<Object><Key>${at}</Key></Object>`, "")}</Delete>`),
    BODY,
  ],
  ["an entity again and again", (size) => s3Body("/b?tagging", `<Tagging>${times("&amp;", size)}</Tagging>`), BODY],
  ["entities that are none", (size) => s3Body("/b?tagging", `<Tagging>${times("&", size)}</Tagging>`), BODY],
  ["entities defined", (size) => s3Body("/b?tagging", `<!DOCTYPE a [${times('<!ENTITY a "&a;&a;">', size)}]><a>&a;</a>`), BODY],
  ["a comment without end", (size) => s3Body("/b?tagging", `<a><!--${times("-", size)}`), BODY],
  ["comments", (size) => s3Body("/b?tagging", `<a>${times("<!---->", size)}</a>`), BODY],
  ["CDATA", (size) => s3Body("/b?tagging", `<a><![CDATA[${times("]]", size)}`), BODY],
  ["brackets", (size) => s3Body("/b?tagging", times("<", size)), BODY],
  [
    "parts of an upload form",
    (size) =>
      s3Body("/b", times('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n', size), [
        "Content-Type: multipart/form-data; boundary=x",
      ]),
    BODY,
  ],
  ["boundaries alone", (size) => s3Body("/b", times("--x", size), ["Content-Type: multipart/form-data; boundary=x"]), BODY],
  [
    "chunks of one octet",
    (size) =>
      s3Body("/b?tagging", `${times("1\r\na\r\n", size)}0\r\n\r\n`, [
        "Content-Encoding: aws-chunked",
        "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      ]),
    BODY,
  ],
  [
    "an endless chunk line",
    (size) =>
      s3Body("/b?tagging", times("1;", size), [
        "Content-Encoding: aws-chunked",
        "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      ]),
    BODY,
  ],
  [
    "chunks of HTTP of one octet",
    (size) => ({
      bytes: request(
        "PUT /b?tagging HTTP/1.1",
        ["Host: localhost", ...signedFor("s3"), "Transfer-Encoding: chunked"],
        `${times("1\r\na\r\n", size)}0\r\n\r\n`,
      ),
    }),
    BODY,
  ],
  [
    "CBOR arrays in arrays",
    (size) =>
      post(
        "monitoring",
        ["X-Amz-Target: GraniteServiceVersion20100801.PutMetricData", "Content-Type: application/x-amz-cbor-1.1"],
        Buffer.alloc(size, 0x81),
      ),
    BODY,
  ],
  [
    "CBOR maps of maps",
    (size) =>
      post(
        "monitoring",
        ["X-Amz-Target: GraniteServiceVersion20100801.PutMetricData", "Content-Type: application/x-amz-cbor-1.1"],
        Buffer.alloc(size, Buffer.from([0xa1, 0x61, 0x61])),
      ),
    BODY,
  ],
  [
    "CBOR of unknown length",
    (size) =>
      post(
        "monitoring",
        ["X-Amz-Target: GraniteServiceVersion20100801.PutMetricData", "Content-Type: application/x-amz-cbor-1.1"],
        Buffer.alloc(size, 0x9f),
      ),
    BODY,
  ],
  ["an answer of elements in elements", (size) => answered(times("<a>", size), "text/xml"), BODY],
  [
    "an answer of elements",
    (size) =>
      answered(
        `<CreateUserResponse><CreateUserResult><User>${numbered(size, (at) => `<a${at}>1</a${at}>`, "")}</User></CreateUserResult></CreateUserResponse>`,
        "text/xml",
      ),
    BODY,
  ],
  ["an error of elements", (size) => answered(times("<Error><Code>", size), "text/xml", 400), BODY],
  ["an error of request ids", (size) => answered(times("<RequestId>", size), "text/xml", 400), BODY],
  [
    "an error in JSON",
    (size) => ({
      ...json("{}"),
      answer: said(400, `{"__type":"${times("#", size)}","message":${times("[", size / 2)}`, {
        "content-type": "application/x-amz-json-1.0",
      }),
    }),
    BODY,
  ],
  [
    "an answer of objects in objects",
    (size) => ({ ...json("{}"), answer: said(200, times('{"a":', size), { "content-type": "application/x-amz-json-1.0" }) }),
    BODY,
  ],
];

async function play(what: Play): Promise<void> {
  answer = what.answer;
  const connection = new RawConnection(trail.url, undefined, 0);
  connection.send(what.bytes);
  await connection.answer(0, 60_000);
  connection.close();
}

/** The least of some attempts: a collection of garbage may fall to any of them. */
async function cost(what: Play): Promise<number> {
  const octets = Buffer.byteLength(what.bytes) + (what.answer?.length ?? 0);
  const allowed = BUSY + (octets / 1e6) * BUSY_PER_MEGABYTE;
  let least = Infinity;
  for (let again = 0; again < 5; again += 1) {
    const before = mainThreadMilliseconds(trail.pid);
    await play(what);
    least = Math.min(least, mainThreadMilliseconds(trail.pid) - before);
    if (least < allowed / 3) break;
  }
  return least;
}

test.each(ROWS)("%s", async (name, make, most) => {
  const whole = make(most);
  const milliseconds = await cost(whole);
  const octets = Buffer.byteLength(whole.bytes) + (whole.answer?.length ?? 0);
  process.stdout.write(`${milliseconds.toFixed(1).padStart(7)} ms  ${String(octets).padStart(8)} octets  ${name}\n`);
  expect(milliseconds).toBeLessThan(BUSY + (octets > 100_000 ? (octets / 1e6) * BUSY_PER_MEGABYTE : 0));
  // What a quarter costs tells whether the cost grows faster than the size.
  if (milliseconds > 40) expect(milliseconds / Math.max(5, await cost(make(most / 4)))).toBeLessThan(9);
});

test("nothing of it was lost", async () => {
  const { arrived, recorded, unrecorded } = await settled(trail.url);
  expect([arrived, unrecorded]).toEqual([recorded + unrecorded, 0]);
});
