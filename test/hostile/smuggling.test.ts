import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type OpenTrailProcess, startOpenTrail } from "../support/opentrail-process.ts";
import { request, said, signedFor } from "./support/aws-request.ts";
import { methodOf, statusOf, targetOf } from "./support/message-reader.ts";
import { RawConnection } from "./support/raw-connection.ts";
import { settled } from "./support/settled.ts";
import { startStrictUpstream, type StrictUpstream } from "./support/strict-upstream.ts";

let upstream: StrictUpstream;
let trail: OpenTrailProcess;

beforeAll(async () => {
  upstream = await startStrictUpstream(() => said());
  trail = await startOpenTrail({ flags: ["--history-data-events", "--upstream", upstream.url] });
});
afterAll(async () => {
  await trail?.remove();
  await upstream?.close();
});
beforeEach(() => void (upstream.arrivals as unknown[]).splice(0));

const FIELDS = ["Host: localhost", ...signedFor("s3")];

/** `POST /b/k` with these fields and this body. */
function post(fields: readonly string[], body = ""): string {
  return request("POST /b/k HTTP/1.1", [...FIELDS, ...fields], body);
}

function get(fields: readonly string[] = [], target = "/b/k"): string {
  return request(`GET ${target} HTTP/1.1`, [...FIELDS, ...fields]);
}

/** What an attacker wants to see arrive as a request of its own. */
const HIDDEN = request("GET /b/hidden HTTP/1.1", FIELDS);
const CHUNKED = "Transfer-Encoding: chunked";

/** Method, target and the octets of the body, as the upstream must have got them, in order; whatever else it got is a breach. */
type Expected = readonly string[];
const NOTHING: Expected = [];
const POSTED: Expected = ["POST /b/k 5"];
const GOT: Expected = ["GET /b/k 0"];

const LENGTHS = [
  "+5",
  "-5",
  "0x5",
  "5 5",
  "5,5",
  "5, 5",
  "5, 6",
  "5;",
  "",
  "1e1",
  "5_0",
  "5.0",
  "\u000b5",
  "٥",
  "18446744073709551621",
  "99999999999999999999999999",
];
const CODINGS = [
  "xchunked",
  "chunked, identity",
  "identity, chunked",
  "identity",
  "gzip, chunked",
  "chunked, chunked",
  "\u000bchunked",
  "chunked\u000b",
  "chun ked",
  '"chunked"',
  "chunked;q=0.5",
  "chunked,",
  ",chunked",
  "cow",
  "",
];
const CHUNKS = [
  "zz\r\nhello\r\n0\r\n\r\n",
  "-5\r\nhello\r\n0\r\n\r\n",
  "+5\r\nhello\r\n0\r\n\r\n",
  "0x5\r\nhello\r\n0\r\n\r\n",
  "5 \r\nhello\r\n0\r\n\r\n",
  " 5\r\nhello\r\n0\r\n\r\n",
  "5\nhello\n0\n\n",
  "5\rhello\r0\r\r",
  "5\r\nhelloX0\r\n\r\n",
  "5\r\nhello0\r\n\r\n",
  "6\r\nhello\r\n0\r\n\r\n",
  "10000000000000005\r\nhello\r\n0\r\n\r\n",
  "5\r\r\nhello\r\n0\r\n\r\n",
  "5;\n\r\nhello\r\n0\r\n\r\n",
  "\r\n5\r\nhello\r\n0\r\n\r\n",
  "5\r\nhello\r\n0\r\nbad trailer\r\n\r\n",
  "5\r\nhello\r\n0\r\nX: a\nY: b\r\n\r\n",
];

const ROWS: readonly (readonly [name: string, bytes: string, expected: Expected])[] = [
  ["CL.TE", post(["Content-Length: 6", CHUNKED], "0\r\n\r\nG"), NOTHING],
  ["TE.CL", post([CHUNKED, "Content-Length: 4"], `5c\r\n${HIDDEN}\r\n0\r\n\r\n`), NOTHING],
  ["a length of 0 beside chunks", post(["Content-Length: 0", CHUNKED], "5\r\nhello\r\n0\r\n\r\n"), NOTHING],
  ...LENGTHS.map(
    (length) =>
      [`Content-Length: ${JSON.stringify(length)}`, post([`Content-Length: ${length}`], `hello${HIDDEN}`), NOTHING] as const,
  ),
  ["two lengths that differ", post(["Content-Length: 5", "Content-Length: 6"], `hello${HIDDEN}`), NOTHING],
  ["the same length twice", post(["Content-Length: 5", "Content-Length: 5"], "hello"), NOTHING],
  ["a space behind the length", post(["Content-Length: 5 "], "hello"), POSTED],
  ["a space before the colon of Content-Length", post(["Content-Length : 5"], `hello${HIDDEN}`), NOTHING],
  ["Content_Length", post(["Content_Length: 5", "Content-Length: 5"], "hello"), NOTHING],
  ["transfer_encoding", post(["transfer_encoding: chunked", "Content-Length: 5"], "0\r\n\r\n"), NOTHING],
  ...CODINGS.map(
    (coding) =>
      [
        `Transfer-Encoding: ${JSON.stringify(coding)}`,
        post([`Transfer-Encoding: ${coding}`], `0\r\n\r\n${HIDDEN}`),
        NOTHING,
      ] as const,
  ),
  ["Transfer-Encoding in capitals", post(["TRANSFER-ENCODING: CHUNKED"], "5\r\nhello\r\n0\r\n\r\n"), POSTED],
  ["a space before the colon of Transfer-Encoding", post(["Transfer-Encoding : chunked"], `0\r\n\r\n${HIDDEN}`), NOTHING],
  ["two transfer codings", post([CHUNKED, "Transfer-Encoding: identity"], `0\r\n\r\n${HIDDEN}`), NOTHING],
  ["chunked twice", post([CHUNKED, CHUNKED], `0\r\n\r\n${HIDDEN}`), NOTHING],
  ["a coding on a folded line", post(["Transfer-Encoding:", " chunked"], `0\r\n\r\n${HIDDEN}`), NOTHING],
  ["a coding behind a bare LF", post(["X: y\nTransfer-Encoding: chunked"], `0\r\n\r\n${HIDDEN}`), NOTHING],
  ["a coding behind a bare CR", post(["X: y\rTransfer-Encoding: chunked"], `0\r\n\r\n${HIDDEN}`), NOTHING],
  ["a coding before HTTP/1.1", request("POST /b/k HTTP/1.0", [...FIELDS, CHUNKED], `5\r\nhello\r\n0\r\n\r\n${HIDDEN}`), POSTED],
  ...CHUNKS.map((chunks) => [`the chunks ${JSON.stringify(chunks)}`, post([CHUNKED], chunks + HIDDEN), NOTHING] as const),
  ["a chunk extension", post([CHUNKED], '5;a="b"\r\nhello\r\n0\r\n\r\n'), POSTED],
  ["zeros before the size", post([CHUNKED], "00005\r\nhello\r\n0\r\n\r\n"), POSTED],
  [
    "trailers that would change the framing",
    post([CHUNKED], "5\r\nhello\r\n0\r\nContent-Length: 50\r\nTransfer-Encoding: x\r\nAuthorization: none\r\n\r\n"),
    NOTHING,
  ],
  ["trailers that say nothing of it", post([CHUNKED], "5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32: AAAAAA==\r\n\r\n"), POSTED],
  ["lines that end in LF", get().replaceAll("\r\n", "\n"), NOTHING],
  ["a head that ends in LF LF", get().replace(/\r\n\r\n$/, "\n\n") + HIDDEN, NOTHING],
  ["NUL in a name", get(["X\u0000: y"]), NOTHING],
  ["NUL in a value", get(["X: \u0000"]), NOTHING],
  ["no colon", get(["nothing"]), NOTHING],
  ["no name", get([": y"]), NOTHING],
  ["a folded line", get(["X: y", " z"]), NOTHING],
  ["a fold behind the request line", request("GET /b/k HTTP/1.1", [" X: y", ...FIELDS]), NOTHING],
  ["two hosts", get(["Host: elsewhere"]), NOTHING],
  ["no host", request("GET /b/k HTTP/1.1", [...signedFor("s3")]), NOTHING],
  ["HTTP/0.9", "GET /b/k\r\n\r\n", NOTHING],
  ["HTTP/2.0", request("GET /b/k HTTP/2.0", FIELDS), NOTHING],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NOTHING],
  ["a method in small letters", request("get /b/k HTTP/1.1", FIELDS), NOTHING],
  ["two spaces in the request line", request("GET  /b/k HTTP/1.1", FIELDS), NOTHING],
  ["a space in the target", request("GET /b/k k HTTP/1.1", FIELDS), NOTHING],
  ["a tab for a space", request("GET\t/b/k\tHTTP/1.1", FIELDS), NOTHING],
  ["CONNECT", request("CONNECT elsewhere:443 HTTP/1.1", FIELDS) + HIDDEN, NOTHING],
  ["an authority for a target", request("GET elsewhere:80 HTTP/1.1", FIELDS), NOTHING],
  ["an asterisk for a target", request("OPTIONS * HTTP/1.1", FIELDS), NOTHING],
  ["the absolute form", request("GET http://elsewhere/b/k HTTP/1.1", FIELDS), GOT],
  ["percent-encoded line ends", get([], "/b/k%0d%0aX:%20y%00"), ["GET /b/k%0d%0aX:%20y%00 0"]],
  ["empty lines in front", `\r\n\r\n${get()}`, GOT],
  ["an upgrade to h2c", get(["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"]), GOT],
  // Nobody said 101: what follows is HTTP.
  [
    "an upgrade to WebSocket that is passed over, and another request",
    get(["Connection: Upgrade", "Upgrade: websocket"]) + HIDDEN,
    [...GOT, "GET /b/hidden 0"],
  ],
  [
    "an upgrade before chunks that are none",
    post(["Connection: Upgrade", "Upgrade: h2c", CHUNKED], `5\r\r\nhello\r\n${HIDDEN}`),
    NOTHING,
  ],
  ["a body of GET", get(["Content-Length: 5"]) + `hello${HIDDEN}`, ["GET /b/k 5", "GET /b/hidden 0"]],
  [
    "a body of HEAD",
    request("HEAD /b/k HTTP/1.1", [...FIELDS, "Content-Length: 5"], `hello${HIDDEN}`),
    ["HEAD /b/k 5", "GET /b/hidden 0"],
  ],
  ["a request within a body", post([`Content-Length: ${HIDDEN.length}`], HIDDEN), [`POST /b/k ${HIDDEN.length}`]],
  [
    "requests one behind the other",
    post(["Content-Length: 5"], "hello") + get() + HIDDEN,
    [...POSTED, ...GOT, "GET /b/hidden 0"],
  ],
  ["a body that is short", post(["Content-Length: 500"], HIDDEN), NOTHING],
  ["chunks without end", post([CHUNKED], "5\r\nhello\r\n"), NOTHING],
  ["what follows Connection: close", get(["Connection: close"]) + HIDDEN, GOT],
];

test.each(ROWS)("%s", async (_name, bytes, expected) => {
  const before = await settled(trail.url);
  const known = new Set((await trail.events()).map(({ requestID }) => String(requestID)));
  const seen = upstream.seen;
  const connection = new RawConnection(trail.url, (at) => at === 0 && bytes.startsWith("HEAD"));
  connection.send(bytes);
  connection.halfClose();
  expect(await connection.endsWithin(10_000)).toBe(true);
  expect(connection.problem).toBeUndefined();
  const after = await settled(trail.url);

  const whole = upstream.arrivals.filter(({ message }) => message.whole);
  expect(whole.map(({ message }) => `${methodOf(message)} ${targetOf(message)} ${message.bodyBytes}`)).toEqual(expected);
  expect(upstream.violations).toEqual([]);
  // What is not a request is refused, or ends with its connection; nobody is told that it was carried out.
  const statuses = connection.answers.map(statusOf);
  expect(statuses.slice(0, expected.length)).toEqual(expected.map(() => 200));
  expect(statuses.slice(expected.length).filter((status) => status < 400 || status > 431)).toEqual([]);
  // No more than was recorded, and whatever was answered is on record.
  expect(upstream.seen - seen).toBeLessThanOrEqual(after.arrived - before.arrived);
  const recorded = (await trail.events()).map(({ requestID }) => String(requestID)).filter((id) => !known.has(id));
  expect(recorded).toHaveLength(after.recorded - before.recorded);
  for (const answer of connection.answers.slice(0, expected.length))
    expect(recorded).toContain(answer.headers.get("x-amz-request-id"));
});

test("what Connection names stays on its hop, but for what the message needs", async () => {
  const needed = ["Host", "Authorization", "Content-Length", "X-Amz-Date", "X-Amz-Content-Sha256"];
  const fields = [
    "Content-Length: 5",
    "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD",
    "X-Hop: 1",
    "Keep-Alive: timeout=5",
    "Proxy-Authorization: x",
    "TE: trailers",
    `Connection: ${[...needed, "X-Hop"].join(", ")}`,
  ];
  const connection = new RawConnection(trail.url);
  connection.send(post(fields, "hello"));
  await connection.answer();
  connection.close();
  const [arrival] = upstream.arrivals;
  for (const name of needed) expect(arrival?.message.headers.has(name.toLowerCase()), name).toBe(true);
  for (const name of ["x-hop", "keep-alive", "proxy-authorization", "te"])
    expect(arrival?.message.headers.has(name), name).toBe(false);
  expect(arrival?.message.headers.get("connection") ?? "keep-alive").toBe("keep-alive");
});

test("field values go through as their octets", async () => {
  const connection = new RawConnection(trail.url);
  connection.send(get(["X-High: \u00ff\u0080 a\tb", "x_under: 1", "X-Empty:"]));
  await connection.answer();
  connection.close();
  const headers = upstream.arrivals[0]?.message.headers;
  expect([headers?.get("x-high"), headers?.get("x_under"), headers?.get("x-empty")]).toEqual(["\u00ff\u0080 a\tb", "1", ""]);
});

test("a large answer reaches its client although CONNECT follows its request", async () => {
  const { answer } = upstream;
  upstream.answer = () => said(200, "x".repeat(5_000_000));
  const connection = new RawConnection(trail.url, undefined, 0);
  connection.send(get() + request("CONNECT elsewhere:443 HTTP/1.1", FIELDS));
  const large = await connection.answer();
  expect([large.bodyBytes, large.whole]).toEqual([5_000_000, true]);
  expect(await connection.endsWithin(5000)).toBe(true);
  expect(connection.answers.map(statusOf)).toEqual([200, 400]);
  upstream.answer = answer;
});

test("an upstream's second answer to one request is nobody's", async () => {
  const { answer } = upstream;
  upstream.answer = ({ message }) =>
    targetOf(message) === "/b/split" ? Buffer.concat([said(200, "first"), said(200, "evil")]) : said(200, "own");
  for (let round = 0; round < 20; round += 1) {
    const one = new RawConnection(trail.url);
    one.send(get([], "/b/split"));
    expect((await one.answer()).body.toString()).toBe("first");
    const two = new RawConnection(trail.url);
    two.send(get([], "/b/next"));
    expect((await two.answer()).body.toString()).toBe("own");
    one.close();
    two.close();
  }
  upstream.answer = answer;
});
