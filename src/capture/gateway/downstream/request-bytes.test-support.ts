import * as fc from "fast-check";

/** Connections' worth of requests, most of them as they should be: one character an octet. */

const word = fc.constantFrom("a", "b c", "x=1", "é", "ÿ\t", "", "0", "\x80", "1, 2", '"q"', "chunked", "5");
const blank = fc.constantFrom(" ", "", "\t", "  ", " \t ");

const fieldLine = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom("X-A", "accept", "x_y", "Via", "Trailer", "TE"), blank, word, blank)
      .map(([name, before, value, after]) => `${name}:${before}${value}${after}`),
  },
  fc.constantFrom(
    "Connection: close",
    "Connection: keep-alive",
    "connection: Keep-Alive, Close",
    "Connection: Upgrade",
    "Connection: x-a, upgrade",
    "Connection:",
    "Connection: close\xa0",
    "Upgrade: websocket",
    "Upgrade: h2c",
    "Expect: 100-continue",
    "expect: 100-Continue",
    "Expect: something",
    "Proxy-Connection: keep-alive",
    "Keep-Alive: timeout=5",
    "Host: y",
    "Content-Length: 0",
    "Content-Length: 3",
    "Content_Length: 3",
    "Transfer-Encoding: gzip",
    "Transfer-Encoding: identity",
    "Transfer_Encoding: chunked",
  ),
);

const target = fc.constantFrom(
  "/",
  "/b/k?x=1&y",
  "/%2e/;a=b",
  "http://h/p?q",
  "*",
  "//x",
  "h:443",
  "/a#b",
  '/"<>\\^`{|}',
  "/é",
  "/?",
  "/x".repeat(40),
);
const payload = fc.oneof(
  fc.constantFrom("", "a", "hello", "\r\n\r\n", "0\r\n\r\n", "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"),
  fc.string({ maxLength: 40 }).map(latin1),
);

const extension = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("", "", "", ";a", ";a=b", ';a="b c"', ";a=b;c", ';a="\\""') },
  fc.constantFrom("; a=b", ";", " ;a", ";a=\xe9", ';a="', ";a=", ';a="\\\xff"', ";=b", ";a;;b"),
);
const sizeOf = fc.constantFrom<(octets: number) => string>(
  (octets) => octets.toString(16),
  (octets) => octets.toString(16).toUpperCase(),
  (octets) => `000${octets.toString(16)}`,
);
const trailer = fc.constantFrom(
  "X-T: 1",
  "x-checksum: abc=",
  "X-E:",
  "Content-Length: 5",
  "Transfer-Encoding: chunked",
  "bad",
  "X-T : 1",
);

const chunked = fc
  .tuple(
    fc.array(
      fc.tuple(
        payload.filter((text) => text !== ""),
        sizeOf,
        extension,
      ),
      { maxLength: 4 },
    ),
    extension,
    fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom("X-T: 1", "x-c: a=") }, trailer), { maxLength: 2 }),
  )
  .map(([chunks, last, trailers]) => {
    const text = chunks.map(([data, size, more]) => `${size(data.length)}${more}\r\n${data}\r\n`).join("");
    return `${text}0${last}\r\n${trailers.map((line) => `${line}\r\n`).join("")}\r\n`;
  });

interface Framed {
  readonly lines: readonly string[];
  readonly text: string;
}

const framed: fc.Arbitrary<Framed> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ lines: [], text: "" }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(payload, fc.constantFrom("Content-Length", "content-length"), blank, fc.constantFrom(0, 0, 0, 0, 0, 0, 1, -1))
      .map(([text, name, before, off]) => ({ lines: [`${name}:${before}${Math.max(0, text.length + off)}`], text })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(chunked, fc.constantFrom("Transfer-Encoding: chunked", "transfer-encoding:Chunked", "TRANSFER-ENCODING: chunked\t"))
      .map(([text, line]) => ({ lines: [line], text })),
  },
);

const oneRequest = fc
  .record({
    empty: fc.constantFrom("", "", "", "", "\r\n", "\r\n\r\n", "\n"),
    method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH"),
    target: fc.oneof({ weight: 5, arbitrary: fc.constantFrom("/", "/b/k", "/b/k?x=1") }, target),
    version: fc.constantFrom(
      "HTTP/1.1",
      "HTTP/1.1",
      "HTTP/1.1",
      "HTTP/1.1",
      "HTTP/1.1",
      "HTTP/1.1",
      "HTTP/1.0",
      "HTTP/2.0",
      "http/1.1",
    ),
    host: fc.constantFrom("Host: x", "Host: x", "Host: x", "Host: x", "host:x", "Host: ", "X-No: host"),
    lines: fc.array(fc.tuple(fieldLine, fc.boolean()), { maxLength: 3 }),
    framed,
  })
  .map(({ empty, method, target: to, version, host, lines, framed: { lines: framing, text } }) => {
    const before = lines.filter(([, first]) => first).map(([line]) => line);
    const behind = lines.filter(([, first]) => !first).map(([line]) => line);
    return `${empty}${[`${method} ${to} ${version}`, host, ...before, ...framing, ...behind].join("\r\n")}\r\n\r\n${text}`;
  });

/** Requests as they should be, nearly: none of them closes the connection. */
const plainRequest = fc
  .tuple(fc.constantFrom("GET", "PUT", "POST", "HEAD"), fc.nat({ max: 99 }), framed)
  .map(([method, at, { lines, text }]) => `${[`${method} /b/${at} HTTP/1.1`, "Host: x", ...lines].join("\r\n")}\r\n\r\n${text}`);

const inserted = fc.constantFrom(
  "\r",
  "\n",
  "\r\n",
  "\0",
  " ",
  "\t",
  "\x80",
  "\xff",
  ":",
  ",",
  ";",
  "0",
  "1",
  "\x0b",
  "\x7f",
  "Content-Length: 1\r\n",
  "Transfer-Encoding: chunked\r\n",
  "\r\n\r\n",
  "0\r\n\r\n",
);

/** @param at between 0 and 1: where in the bytes. */
type Mutation = (bytes: string) => string;

const place = fc.double({ min: 0, max: 0.999999, noNaN: true });

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat({ max: 255 })).map(
    ([at, octet]) =>
      (bytes: string) =>
        spliced(bytes, at, 1, String.fromCharCode(octet)),
  ),
  fc.tuple(place, fc.nat({ max: 7 })).map(([at, bit]) => (bytes: string) => {
    const index = Math.floor(at * bytes.length);
    return spliced(bytes, at, 1, String.fromCharCode(bytes.charCodeAt(index) ^ (1 << bit)));
  }),
  fc.tuple(place, inserted).map(
    ([at, what]) =>
      (bytes: string) =>
        spliced(bytes, at, 0, what),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 5 })).map(
    ([at, count]) =>
      (bytes: string) =>
        spliced(bytes, at, count, ""),
  ),
  fc
    .tuple(
      place,
      fc.constantFrom<(lines: string[], at: number) => string[]>(
        (lines, at) => lines.toSpliced(at, 0, lines[at] ?? ""),
        (lines, at) => lines.toSpliced(at, 1),
        (lines, at) => lines.toSpliced(at, 2, lines[at + 1] ?? "", lines[at] ?? ""),
        (lines, at) => lines.toSpliced(at, 1, ` ${lines[at] ?? ""}`),
      ),
    )
    .map(([at, change]) => (bytes: string) => {
      const lines = bytes.split("\r\n");
      return change(lines, Math.floor(at * lines.length)).join("\r\n");
    }),
  fc.tuple(place, fc.constantFrom("\n", "\r", "\r\r\n", "\n\r\n", " \r\n")).map(([at, end]) => (bytes: string) => {
    const found = bytes.indexOf("\r\n", Math.floor(at * bytes.length));
    return found === -1 ? bytes : bytes.slice(0, found) + end + bytes.slice(found + 2);
  }),
  place.map((at) => (bytes: string) => bytes.slice(0, Math.floor(at * bytes.length))),
);

function spliced(bytes: string, at: number, remove: number, insert: string): string {
  const index = Math.floor(at * bytes.length);
  return bytes.slice(0, index) + insert + bytes.slice(index + remove);
}

function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** What a client may send over one connection, broken or not. */
export const connectionBytes = fc
  .tuple(
    fc.array(fc.oneof(oneRequest, { weight: 4, arbitrary: plainRequest }), { minLength: 1, maxLength: 4 }),
    fc.oneof(fc.constant([]), fc.array(mutation, { maxLength: 3 })),
  )
  .map(([requests, mutations]) => mutations.reduce((bytes, mutate) => mutate(bytes), requests.join("")))
  .map((text) => Buffer.from(text, "latin1"));

/** Where the bytes are cut, each between 0 and 1. */
export const cuts = fc.oneof(fc.constant([]), fc.array(place, { maxLength: 8 }));

export function cutAt(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((each) => Math.floor(each * bytes.length)))].sort((a, b) => a - b);
  return [...places, bytes.length]
    .map((end, index) => bytes.subarray(index === 0 ? 0 : places[index - 1], end))
    .filter(({ length }) => length > 0);
}
