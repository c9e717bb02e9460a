import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Socket } from "node:net";
import { ClientAnswer } from "./client-answer.ts";
import { Listener, pair, type Side, turns } from "./downstream.test-support.ts";
import { readRequestWireHead } from "./request-wire-head.ts";

interface Written {
  readonly answer: ClientAnswer;
  readonly heard: Listener;
  readonly client: Side;
}

function answerTo(head: string): Written {
  const [client, server] = pair();
  const answer = new ClientAnswer(server as unknown as Socket, readRequestWireHead(head), 5_999);
  return { answer, heard: new Listener(client), client };
}

const GET = "GET / HTTP/1.1\r\nHost: x";
const OLD = "GET / HTTP/1.0";
const DATE = ["Date", "Mon, 02 Mar 2026 00:00:00 GMT"];
const KEPT = "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n";

/** What goes over the wire for an answer written in these pieces, the last of them with its end. */
async function wire(head: string, status: number, lines: readonly string[], pieces: readonly string[]): Promise<string> {
  const { answer, heard } = answerTo(head);
  answer.head(status, undefined, [...DATE, ...lines]);
  for (const piece of pieces.slice(0, -1)) answer.write(Buffer.from(piece));
  const last = pieces.at(-1);
  answer.end(last === undefined ? undefined : Buffer.from(last));
  await turns();
  return heard.text.replace(`${DATE.join(": ")}\r\n`, "");
}

describe("on the wire", () => {
  test.each<[string, string, number, string[], string[], string]>([
    ["whole", GET, 200, ["A", "b"], ["hello"], `HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n${KEPT}hello`],
    ["empty", GET, 200, [], [], `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${KEPT}`],
    [
      "in pieces",
      GET,
      200,
      [],
      ["he", "llo"],
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${KEPT}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`,
    ],
    [
      "in pieces, the last empty",
      GET,
      200,
      [],
      ["hello", ""],
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${KEPT}5\r\nhello\r\n0\r\n\r\n`,
    ],
    [
      "of known length",
      GET,
      200,
      ["content-length", "5"],
      ["he", "", "llo"],
      `HTTP/1.1 200 OK\r\ncontent-length: 5\r\n${KEPT}hello`,
    ],
    [
      "to HEAD",
      GET.replace("GET", "HEAD"),
      200,
      ["Content-Length", "99"],
      ["he", "llo"],
      `HTTP/1.1 200 OK\r\nContent-Length: 99\r\n${KEPT}`,
    ],
    ["204", GET, 204, [], ["hello"], `HTTP/1.1 204 No Content\r\n${KEPT}`],
    ["304", GET, 304, ["Content-Length", "7"], ["he", "llo"], `HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n${KEPT}`],
    ["to HTTP/1.0", OLD, 200, [], ["he", "llo"], "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"],
    ["to HTTP/1.0, whole", OLD, 200, [], ["hello"], "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"],
    [
      "the last",
      `${GET}\r\nConnection: close`,
      200,
      [],
      ["x"],
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx",
    ],
    ["a status of nobody's", GET, 799, [], [], `HTTP/1.1 799 \r\nContent-Length: 0\r\n${KEPT}`],
  ])("%s", async (_name, head, status, lines, pieces, expected) => {
    expect(await wire(head, status, lines, pieces)).toBe(expected);
  });

  test("chunks are the octets that were written", async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.integer({ min: 0, max: 70_000 }).map((size) => Buffer.alloc(size, "z")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 5 }), piece, async (pieces, last) => {
        const { answer, heard } = answerTo(GET);
        answer.head(200, undefined, []);
        answer.flush();
        for (const each of pieces) answer.write(each);
        answer.end(last);
        await turns(8);
        const body = heard.text.slice(heard.text.indexOf("\r\n\r\n") + 4);
        const expected = [...pieces, last]
          .filter(({ length }) => length > 0)
          .map((each) => `${each.length.toString(16)}\r\n${Buffer.from(each).toString("latin1")}\r\n`);
        expect(body).toBe(`${expected.join("")}0\r\n\r\n`);
      }),
      { numRuns: 50 },
    );
  });
});

describe("what no message may have", () => {
  test.each<[string, number, string | undefined, string[]]>([
    ["a line break in a value", 200, undefined, ["A", "b\r\nSet-Cookie: c"]],
    ["a line feed in a value", 200, undefined, ["A", "b\nc"]],
    ["a zero in a value", 200, undefined, ["A", "b\0"]],
    ["a character that is no octet", 200, undefined, ["A", "\u0100"]],
    ["a line break in a name", 200, undefined, ["A\r\nB", "c"]],
    ["a blank in a name", 200, undefined, ["A B", "c"]],
    ["no name", 200, undefined, ["", "c"]],
    ["a line break in the reason", 200, "OK\r\nA: b", []],
    ["an interim status", 100, undefined, []],
    ["a status of four digits", 1000, undefined, []],
    ["half a status", 200.5, undefined, []],
    ["two lengths", 200, undefined, ["Content-Length", "1", "content-length", "1"]],
    ["a length that is none", 200, undefined, ["Content-Length", "1, 1"]],
  ])("%s", async (_name, status, reason, lines) => {
    const { answer, heard } = answerTo(GET);
    expect(() => answer.head(status, reason, lines)).toThrow(RangeError);
    expect(answer.started).toBe(false);
    answer.head(500, undefined, []);
    answer.end();
    await turns();
    expect(heard.text).toMatch(/^HTTP\/1.1 500 /);
  });

  test("any line is either refused or one line", async () => {
    const nasty = fc.string({
      unit: fc.constantFrom("a", ":", " ", "\r", "\n", "\t", "\0", "\x7f", "é", "Ā", "\u2028"),
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(nasty, nasty, nasty, async (name, value, reason) => {
        const { answer, heard } = answerTo(GET);
        try {
          answer.head(200, reason, [...DATE, name, value]);
        } catch {
          return;
        }
        answer.end();
        await turns();
        expect(heard.text.split(/\r\n|\r|\n/)).toHaveLength(8);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a length that does not hold", () => {
  test.each<[string, string[]]>([
    ["longer at once", ["hello!"]],
    ["longer in the end", ["hell", "o!"]],
    ["longer on the way", ["hello!", "x"]],
    ["shorter", ["hell"]],
    ["nothing", []],
    ["shorter in the end", ["he", "l"]],
  ])("%s", async (_name, pieces) => {
    await expect(wire(GET, 200, ["Content-Length", "5"], pieces)).rejects.toThrow(RangeError);
  });

  test("leaves the message unended", async () => {
    const { answer, heard } = answerTo(GET);
    answer.head(200, undefined, ["Content-Length", "5"]);
    answer.write(Buffer.from("hell"));
    expect(() => answer.end()).toThrow("shorter");
    expect(answer.ended).toBe(false);
    answer.cut();
    expect(await heard.end()).toMatch(/hell$/);
  });
});

describe("100 Continue", () => {
  const EXPECTS = "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue";

  test("goes before the answer, which keeps the connection", async () => {
    const { answer, heard } = answerTo(EXPECTS);
    answer.continue();
    answer.head(200, undefined, DATE);
    answer.end();
    await turns();
    expect(heard.text).toBe(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n${DATE.join(": ")}\r\nContent-Length: 0\r\n${KEPT}`);
  });

  test("an answer without it is the last: who knows whether the body comes", async () => {
    const { answer, heard } = answerTo(EXPECTS);
    answer.head(403, undefined, DATE);
    answer.continue();
    answer.end();
    await turns();
    expect(heard.text).toMatch(/^HTTP\/1.1 403 [^]*\r\nConnection: close\r\n\r\n$/);
    expect(answer.last).toBe(true);
  });
});

test("an end is told, also when there is nothing to send", async () => {
  const { answer } = answerTo(GET);
  let told = 0;
  answer.head(200, undefined, ["Content-Length", "1"]);
  answer.write(Buffer.from("x"), () => (told += 1));
  answer.end(undefined, () => (told += 1));
  answer.end(Buffer.from("twice"), () => (told += 1));
  await turns();
  expect(told).toBe(2);
});
