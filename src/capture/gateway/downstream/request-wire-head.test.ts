import { describe, expect, test } from "vitest";
import { BrokenRequest } from "./broken-request.ts";
import { CHUNKED, readRequestWireHead } from "./request-wire-head.ts";

const head = (line: string, ...lines: string[]): string => [line, ...lines].join("\r\n");
const get = (...lines: string[]): string => head("GET / HTTP/1.1", "Host: x", ...lines);

test("a head", () => {
  expect(readRequestWireHead(head("M-SEARCH /a?b=%20 HTTP/1.1", "host:x", "X-A: \t b\xe4 \tc \t", "X-a:", "x-b: :"))).toEqual({
    method: "M-SEARCH",
    target: "/a?b=%20",
    lines: ["host", "x", "X-A", "b\xe4 \tc", "X-a", "", "x-b", ":"],
    length: 0,
    old: false,
    keeps: true,
    expectsContinue: false,
  });
});

test.each<[string, string, Partial<ReturnType<typeof readRequestWireHead>>]>([
  ["a length", get("content-length:  5 "), { length: 5 }],
  ["a length of nothing", get("Content-Length: 0"), { length: 0 }],
  ["a length with zeros", get("Content-Length: 0005"), { length: 5 }],
  ["chunks", get("Transfer-Encoding: Chunked"), { length: CHUNKED }],
  ["close", get("Connection: close"), { keeps: false }],
  ["close among others", get("Connection: x, Close ,y"), { keeps: false }],
  ["close in a second line", get("Connection: keep-alive", "connection: close"), { keeps: false }],
  ["close before keep-alive", get("Connection: close, keep-alive"), { keeps: false }],
  ["a name that only begins so", get("Connection: closed"), { keeps: true }],
  ["HTTP/1.0", "GET / HTTP/1.0", { old: true, keeps: false, lines: [] }],
  ["HTTP/1.0 that would be kept", head("GET / HTTP/1.0", "Connection: keep-alive"), { old: true, keeps: false }],
  ["an expectation", get("expect: 100-Continue"), { expectsContinue: true }],
  ["another expectation", get("Expect: tea"), { expectsContinue: false }],
  ["an expectation in HTTP/1.0", head("GET / HTTP/1.0", "Expect: 100-continue"), { expectsContinue: false }],
  ["a Host of nothing", head("GET / HTTP/1.1", "Host:"), { lines: ["Host", ""] }],
])("%s", (_name, text, expected) => {
  expect(readRequestWireHead(text)).toMatchObject(expected);
});

describe("refused", () => {
  test.each([
    ["nothing", ""],
    ["two blanks", head("GET  / HTTP/1.1", "Host: x")],
    ["a tab", head("GET\t/ HTTP/1.1", "Host: x")],
    ["a blank in the target", head("GET /a b HTTP/1.1", "Host: x")],
    ["a blank behind", head("GET / HTTP/1.1 ", "Host: x")],
    ["a target that is not ASCII", head("GET /\xe4 HTTP/1.1", "Host: x")],
    ["a CR in the target", head("GET /\r HTTP/1.1", "Host: x")],
    ["a method in small letters", head("get / HTTP/1.1", "Host: x")],
    ["a long method", head(`${"A".repeat(33)} / HTTP/1.1`, "Host: x")],
    ["HTTP/0.9", "GET /"],
    ["HTTP/1.2", head("GET / HTTP/1.2", "Host: x")],
    ["HTTP/2", head("PRI * HTTP/2.0", "Host: x")],
    ["HTTP/1.10", head("GET / HTTP/1.10", "Host: x")],
    ["http/1.1", head("GET / http/1.1", "Host: x")],
    ["a tunnel", head("CONNECT x:443 HTTP/1.1", "Host: x")],
    ["no Host", "GET / HTTP/1.1"],
    ["two Hosts", get("host: x")],
    ["two Hosts in HTTP/1.0", head("GET / HTTP/1.0", "Host: x", "Host: x")],
    ["a line without colon", get("X-A")],
    ["a line without name", get(": a")],
    ["a blank before the colon", get("X-A : b")],
    ["a folded line", get("X-A: b", " c")],
    ["a folded line with a tab", get("X-A: b", "\tc: d")],
    ["a folded first line", head("GET / HTTP/1.1", " Host: x")],
    ["a line feed alone", get("X-A: b\nX-C: d")],
    ["a carriage return alone", get("X-A: b\rX-C: d")],
    ["a zero", get("X-A: b\0")],
    ["a name with a high octet", get("X-\xc4: b")],
    ["a name in parentheses", get("X(A): b")],
    ["two lengths", get("Content-Length: 5", "Content-Length: 6")],
    ["a length twice", get("Content-Length: 5", "content-length: 5")],
    ["a list of lengths", get("Content-Length: 5, 5")],
    ["a length of no digits", get("Content-Length:")],
    ["a length with a sign", get("Content-Length: +5")],
    ["a negative length", get("Content-Length: -5")],
    ["a hexadecimal length", get("Content-Length: 0x5")],
    ["a length with a blank", get("Content-Length: 5 5")],
    ["a length with a hard blank", get("Content-Length: 5\xa0")],
    ["a length beyond all bounds", get("Content-Length: 9999999999999999")],
    ["chunks and a length", get("Transfer-Encoding: chunked", "Content-Length: 5")],
    ["a length and chunks", get("Content-Length: 5", "Transfer-Encoding: chunked")],
    ["chunks twice", get("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")],
    ["chunks twice in one line", get("Transfer-Encoding: chunked, chunked")],
    ["another coding", get("Transfer-Encoding: gzip, chunked")],
    ["another coding alone", get("Transfer-Encoding: identity")],
    ["no coding", get("Transfer-Encoding:")],
    ["a coding in quotation marks", get('Transfer-Encoding: "chunked"')],
    ["a coding with a parameter", get("Transfer-Encoding: chunked;a=b")],
    ["a coding behind a tab", get("Transfer-Encoding:\tchunked")],
    ["a coding before a tab", get("Transfer-Encoding: chunked\t")],
    ["a coding with a hard blank", get("Transfer-Encoding: chunked\xa0")],
    ["a coding with a vertical tab", get("Transfer-Encoding: \x0bchunked")],
  ])("%s", (_name, text) => {
    expect(() => readRequestWireHead(text)).toThrow(BrokenRequest);
  });
});

test("a head of 16,000 lines takes no longer than its size", () => {
  const text = get(...Array.from({ length: 16_000 }, () => "a:"));
  const connections = get(`Connection: ${"a,".repeat(30_000)}`);
  const started = performance.now();
  expect(readRequestWireHead(text).lines).toHaveLength(32_002);
  expect(readRequestWireHead(connections).keeps).toBe(true);
  expect(performance.now() - started).toBeLessThan(1_000);
});
