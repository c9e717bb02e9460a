import type { Random } from "../support/random.ts";

/** What makes a request something else than HTTP/1.1, or makes two readers see two requests. Each takes a whole one, in bytes. */
type Breakage = (request: Buffer, random: Random) => Buffer;

const LENGTHS = [
  "+5",
  "-5",
  "5 5",
  "0x5",
  "5,5",
  "5, 5",
  "5;",
  "05",
  "5_0",
  "",
  "٥",
  "18446744073709551617",
  "99999999999999999999999",
  "1e3",
  "5\u000b",
  "NaN",
  "9007199254740993",
];
const CODINGS = [
  "xchunked",
  "chunked, identity",
  "identity",
  "identity, chunked",
  "gzip, chunked",
  "chunked, chunked",
  "\u000bchunked",
  "chunked\u000b",
  '"chunked"',
  "chunked;q=1",
  "Chunked",
  "chunked,",
  ",chunked",
  "\tchunked\t",
  "chun\tked",
  "",
];
const CHUNKS = [
  "zz\r\n",
  "-1\r\n",
  "0x5\r\nhello\r\n",
  "5 \r\nhello\r\n",
  "5;ext\r\nhello\r\n",
  '5;a="b\r\n"\r\nhello\r\n',
  "5\nhello\n",
  "5\r\nhelloworld\r\n",
  "5\r\nhello",
  "ffffffffffffffffff\r\n",
  "+5\r\nhello\r\n",
  "\r\n",
  "5\r\r\nhello\r\n",
  "5;\r\nhello\r\n0\r\n\r\n",
  "00000000000000000000005\r\nhello\r\n",
  "5\r\nhello\r\n0\r\nTransfer-Encoding: x\r\nContent-Length: 5\r\n\r\n",
  "0\r\nX: y\r\n\r\n",
  "0\r\n\u0000: y\r\n\r\n",
  `0\r\n${"x: y\r\n".repeat(3000)}\r\n`,
  `5;${"e".repeat(20_000)}\r\nhello\r\n`,
];
const LINES = [
  " folded: x",
  "\tfolded",
  "no colon",
  ": no name",
  "space : x",
  "nul\u0000: x",
  "X-Nul: a\u0000b",
  "X-Cr: a\rb",
  "X-Lf: a\nX-Lf2: b",
  "X-Bs: \b",
  "Host: elsewhere",
  "Expect: 200-maybe",
  "Expect: 100-continue, 100-continue",
  "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
  "Upgrade: websocket\r\nConnection: Upgrade",
  "Connection: close, close",
  "Connection: content-length",
  "Connection: transfer-encoding",
  "Proxy-Connection: keep-alive",
  "X-\u00e9: y",
  "\u00ff: y",
  "X-Del: \u007f",
  "Trailer: Content-Length",
  "Content-Length: 0\r\nContent-Length: 0",
  "transfer_encoding: chunked",
  "Content_Length: 7",
  "X-Amz-Target: a\r\nX-Amz-Target: b",
  "Authorization: AWS4-HMAC-SHA256 Credential=,,,=",
  "x:\r\n\ty",
];
const START_LINES = [
  "GET / HTTP/1.0",
  "GET /",
  "GET / HTTP/0.9",
  "GET / HTTP/2.0",
  "PRI * HTTP/2.0",
  "GET / HTTP/1.2",
  "GET / http/1.1",
  "GET / HTTP/1.1 x",
  "GET  / HTTP/1.1",
  "GET\t/\tHTTP/1.1",
  " GET / HTTP/1.1",
  "get / HTTP/1.1",
  "FROBNICATE / HTTP/1.1",
  "CONNECT elsewhere:443 HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "GET * HTTP/1.1",
  "GET elsewhere HTTP/1.1",
  "GET elsewhere:80 HTTP/1.1",
  "GET ftp://x/ HTTP/1.1",
  "GET /a b HTTP/1.1",
  "GET /\u0000 HTTP/1.1",
  "GET /\u00ff\u00fe HTTP/1.1",
  "GET /\r HTTP/1.1",
  "GET #x HTTP/1.1",
  "GET /#x HTTP/1.1",
  "GET ?x HTTP/1.1",
  "GET http://[ HTTP/1.1",
  "M-SEARCH / HTTP/1.1",
  "SOURCE / ICE/1.0",
  "DESCRIBE / RTSP/1.0",
  "HTTP/1.1 200 OK",
  "\r\n\r\nGET / HTTP/1.1",
  "\u0016\u0003\u0001\u0002",
  "QUERY / HTTP/1.1",
];

function splitHead(request: Buffer): [lines: string[], body: string] {
  const text = request.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  return end === -1 ? [text.split("\r\n"), ""] : [text.slice(0, end).split("\r\n"), text.slice(end + 4)];
}

function joined(lines: readonly string[], body: string, lineEnd = "\r\n"): Buffer {
  return Buffer.from(lines.join(lineEnd) + lineEnd + lineEnd + body, "latin1");
}

/** The request with one field more, anywhere in its head. */
function withLine(request: Buffer, random: Random, line: string): Buffer {
  const [lines, body] = splitHead(request);
  lines.splice(random.int(1, lines.length), 0, line);
  return joined(lines, body);
}

function withoutFraming(request: Buffer): [string[], string] {
  const [lines, body] = splitHead(request);
  return [lines.filter((line, at) => at === 0 || !/^(?:content-length|transfer-encoding)\s*:/i.test(line)), body];
}

const BREAKAGES: readonly Breakage[] = [
  (request, random) => withLine(request, random, random.pick(LINES)),
  (request, random) => withLine(request, random, `Content-Length: ${random.pick(LENGTHS)}`),
  (request, random) => withLine(request, random, `Transfer-Encoding: ${random.pick(CODINGS)}`),
  (request, random) =>
    withLine(
      request,
      random,
      `${random.pick(["Transfer-Encoding ", " Transfer-Encoding", "Transfer-Encoding\u0000", "Transfer\u00adEncoding", "Transfer-Encoding\r\n"])}: chunked`,
    ),
  (request, random) => {
    const [lines, body] = withoutFraming(request);
    return joined([...lines, `Content-Length: ${random.pick(LENGTHS)}`], body);
  },
  (request, random) => {
    const [lines, body] = withoutFraming(request);
    return joined(
      [...lines, `Content-Length: ${body.length}`, `Transfer-Encoding: ${random.pick(["chunked", ...CODINGS])}`],
      body,
    );
  },
  (request, random) => {
    const [lines] = withoutFraming(request);
    const chunks = Array.from({ length: random.int(1, 3) }, () => random.pick(CHUNKS)).join("");
    return joined([...lines, "Transfer-Encoding: chunked"], `${chunks}${random.chance(0.7) ? "0\r\n\r\n" : ""}`);
  },
  (request, random) => {
    const [lines, body] = splitHead(request);
    return joined([random.pick(START_LINES), ...lines.slice(1)], body);
  },
  (request, random) => {
    const [lines, body] = splitHead(request);
    return joined(lines, body, random.pick(["\n", "\r", "\n\r", "\r\r\n", "\u0085"]));
  },
  (request, random) => {
    const [lines, body] = splitHead(request);
    const count = random.int(50, 4000);
    return joined([...lines, ...Array.from({ length: count }, (_, at) => `h${at}: ${at}`)], body);
  },
  (request, random) => withLine(request, random, `X-Long: ${"x".repeat(random.int(8000, 90_000))}`),
  (request, random) => {
    const [lines, body] = splitHead(request);
    return joined(
      [`${(lines[0] ?? "").replace(" HTTP/", `${"?a".repeat(random.int(5000, 40_000))} HTTP/`)}`, ...lines.slice(1)],
      body,
    );
  },
  (request) => {
    const [lines, body] = splitHead(request);
    return joined(
      lines.filter((line) => !/^host:/i.test(line)),
      body,
    );
  },
  // A request within the body of another, of which the length says less than there is.
  (request, random) => {
    const [lines, body] = withoutFraming(request);
    return joined(
      [...lines, `Content-Length: ${random.int(0, body.length)}`],
      `${body}GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
  },
];

export function broken(request: Buffer, random: Random): Buffer {
  const once = random.pick(BREAKAGES)(request, random);
  return random.chance(0.2) ? random.pick(BREAKAGES)(once, random) : once;
}

const TOKENS = [
  "\r\n",
  "\n",
  "\r",
  "\u0000",
  "\r\n\r\n",
  ": ",
  " ",
  "\t",
  "HTTP/1.1",
  "Content-Length: 10\r\n",
  "Transfer-Encoding: chunked\r\n",
  "chunked",
  "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
  "0\r\n\r\n",
  "\u00ff\u00ff\u00ff\u00ff",
  "%00",
  "Host: y\r\n",
  "Connection: close\r\n",
  "Expect: 100-continue\r\n",
];

/** Chance alterations of the bytes of a request, up to a handful; `other` lends parts. */
export function mutated(request: Buffer, other: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(request);
  for (let left = random.int(1, random.chance(0.7) ? 3 : 20); left > 0 && bytes.length > 0; left -= 1) {
    const at = random.int(0, bytes.length - 1);
    const length = Math.max(1, random.size(Math.max(2, bytes.length - at)));
    switch (random.int(0, 7)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(0, 7));
        break;
      case 1:
        bytes[at] = random.next();
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
        break;
      case 4: {
        const from = random.int(0, Math.max(0, other.length - 1));
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at)]);
        break;
      }
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(TOKENS), "latin1"), bytes.subarray(at)]);
        break;
      case 6:
        bytes = bytes.subarray(0, random.chance(0.3) ? at + 1 : bytes.length);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(random.int(0, Math.max(0, other.length - 1)))]);
    }
    if (bytes.length > 200_000) bytes = bytes.subarray(0, 200_000);
  }
  return bytes;
}
