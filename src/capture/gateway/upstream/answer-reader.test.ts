import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AnswerReader } from "./answer-reader.ts";
import { BrokenAnswer, type WireHead } from "./wire-head.ts";

interface Seen {
  readonly head: WireHead | undefined;
  readonly body: string;
  readonly ended: boolean;
  readonly clean: boolean;
}

/** Reads `text` in pieces that end at the given offsets. */
function read(
  text: string,
  { cuts = [], bodiless = false, close = false }: { cuts?: readonly number[]; bodiless?: boolean; close?: boolean } = {},
): Seen {
  let head: WireHead | undefined;
  let body = "";
  let ended = false;
  const reader = new AnswerReader(
    {
      head: (found) => (head = found),
      piece: (bytes) => (body += bytes.toString("latin1")),
      end: () => (ended = true),
    },
    bodiless,
  );
  const bytes = Buffer.from(text, "latin1");
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  // One buffer for all, as on a connection: what is kept has to be copied.
  const shared = Buffer.alloc(bytes.length + 1);
  for (const end of [...ends, bytes.length]) {
    if (end === from) continue;
    bytes.copy(shared, 0, from, end);
    reader.push(shared.subarray(0, end - from));
    shared.fill(0x2a);
    from = end;
    if (reader.done) break;
  }
  if (close) reader.close();
  return { head, body, ended, clean: reader.clean };
}

const anywhere = fc.array(fc.nat(), { maxLength: 6 });

describe("an answer is the same wherever its octets are parted", () => {
  const cases: [string, string, { body: string; length: number; bodiless?: boolean; close?: boolean }][] = [
    ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello", { body: "hello", length: 5 }],
    ["no body", "HTTP/1.1 204 No Content\r\n\r\n", { body: "", length: 0 }],
    ["an answer to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", { body: "", length: 0, bodiless: true }],
    ["no reason phrase", "HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", { body: "", length: 0 }],
    [
      "chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\n0a \r\n, my world\r\n0\r\nX-T: 1\r\n\r\n",
      { body: "hello, my world", length: -1 },
    ],
    ["the connection's end", "HTTP/1.0 200 OK\r\n\r\nhello", { body: "hello", length: -2, close: true }],
    [
      "interim answers before it",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      { body: "ok", length: 2 },
    ],
    [
      "octets that are no ASCII",
      "HTTP/1.1 200 \u00e4\r\nX: \u00a0\u00ff\r\nContent-Length: 1\r\n\r\n\u00ff",
      { body: "\u00ff", length: 1 },
    ],
  ];
  test.each(cases)("%s", (_name, text, { body, length, ...options }) => {
    const whole = read(text, options);
    expect(whole).toMatchObject({ body, ended: true, clean: true, head: { length } });
    fc.assert(fc.property(anywhere, (cuts) => void expect(read(text, { ...options, cuts })).toEqual(whole)));
  });

  test("its lines keep their spelling, order and inner space", () => {
    const { head } = read(
      "HTTP/1.1 404 Not  Found\r\nX-b:  one \t two\t \r\nx-B:\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    );
    expect(head).toEqual({
      status: 404,
      statusText: "Not  Found",
      lines: ["X-b", "one \t two", "x-B", "", "Connection", "close", "Content-Length", "0"],
      length: 0,
      reusable: false,
      keepAlive: undefined,
    });
  });
});

test.each([
  ["HTTP/1.1, by default", "HTTP/1.1 200 OK\r\nContent-Length: 0", true, undefined],
  ["HTTP/1.1 that closes", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0", false, undefined],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0", false, undefined],
  [
    "HTTP/1.0 that keeps",
    "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nKeep-Alive: timeout=5, max=9\r\nContent-Length: 0",
    true,
    5,
  ],
  ["a body without length", "HTTP/1.1 200 OK", false, undefined],
])("%s: whether the connection may be used again", (_name, text, reusable, keepAlive) => {
  expect(read(`${text}\r\n\r\n`).head).toMatchObject({ reusable, keepAlive });
});

test("what comes behind an answer is noticed", () => {
  expect(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n")).toMatchObject({
    body: "ok",
    clean: false,
  });
  expect(read("HTTP/1.1 204 No Content\r\n\r\nx")).toMatchObject({ body: "", clean: false });
  expect(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx").clean).toBe(false);
});

describe("what two readers might take for different answers is refused", () => {
  const line = (text: string): string => `HTTP/1.1 200 OK\r\n${text}\r\n\r\nhello`;
  const chunked = (text: string): string => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}`;
  test.each([
    ["another protocol", "SSH-2.0-hello\r\n\r\n"],
    ["another version", "HTTP/2 200 OK\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["two lengths", line("Content-Length: 5\r\nContent-Length: 5")],
    ["a list of lengths", line("Content-Length: 5, 5")],
    ["a negative length", line("Content-Length: -5")],
    ["a length in hex", line("Content-Length: 0x5")],
    ["an empty length", line("Content-Length:")],
    ["an immense length", line("Content-Length: 99999999999999999999")],
    ["chunks and a length", line("Content-Length: 5\r\nTransfer-Encoding: chunked")],
    ["another coding", line("Transfer-Encoding: gzip, chunked")],
    ["two codings", line("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")],
    ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["space before the colon", line("Content-Length : 5")],
    ["a folded line", line("X-A: b\r\n c")],
    ["a line without colon", line("X-A")],
    ["a line without name", line(": x")],
    ["a bare line feed", line("X-A: b\nContent-Length: 5")],
    ["a bare carriage return", line("X-A: b\rContent-Length: 5")],
    ["a NUL", line("X-A: \0")],
    ["another protocol to follow", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    ["interim answers without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(20)],
    ["a head without end", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}`],
    ["a chunk without size", chunked(";x\r\n")],
    ["a chunk of a signed size", chunked("+5\r\nhello\r\n0\r\n\r\n")],
    ["a chunk of an immense size", chunked("fffffffffffffffff\r\n")],
    ["a chunk that is longer than it says", chunked("5\r\nhello!\r\n0\r\n\r\n")],
    ["a size line with a bare line feed", chunked("5\nhello\r\n0\r\n\r\n")],
    ["a size line without end", chunked("5;".padEnd(5000, "x"))],
    ["trailers without end", chunked(`0\r\n${"X: y\r\n".repeat(4000)}`)],
    ["a trailer without name", chunked("0\r\nx y\r\n\r\n")],
  ])("%s", (_name, text) => {
    expect(() => read(text)).toThrow(BrokenAnswer);
    fc.assert(
      fc.property(anywhere, (cuts) => void expect(() => read(text, { cuts })).toThrow(BrokenAnswer)),
      { numRuns: 30 },
    );
  });

  test("an answer that ends before its end", () => {
    for (const text of ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", chunked("5\r\nhello\r\n0\r\n")]) {
      expect(() => read(text, { close: true })).toThrow(BrokenAnswer);
    }
  });

  test("whatever octets come, either there is an answer or it is refused", () => {
    const token = fc.constantFrom(
      "HTTP/1.1 200 OK\r\n",
      "\r\n",
      "Content-Length: 3\r\n",
      "Transfer-Encoding: chunked\r\n",
      "3\r\n",
      "0\r\n\r\n",
      "abc",
      "\n",
      "\0",
      "\u00ff",
      ":",
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), anywhere, (tokens, cuts) => {
        const outcome = (parted: readonly number[]): unknown => {
          try {
            const { head, body, ended } = read(tokens.join(""), { cuts: parted });
            return { head, body: ended ? body : undefined, ended };
          } catch (error) {
            if (error instanceof BrokenAnswer) return "refused";
            throw error;
          }
        };
        expect(outcome(cuts)).toEqual(outcome([]));
      }),
      { numRuns: 500 },
    );
  });
});
