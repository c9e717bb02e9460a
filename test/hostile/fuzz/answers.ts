import { Random } from "../support/random.ts";
import type { Arrival } from "../support/strict-upstream.ts";
import { methodOf } from "../support/message-reader.ts";
import { brokenJson, brokenXml, json, xml } from "./values.ts";

export type AnswerKind =
  | "plain"
  | "body"
  | "error"
  | "chunked"
  | "empty"
  | "large"
  | "interim"
  | "close"
  | "truncated"
  | "garbage"
  | "head"
  | "mutated"
  | "early-close";

/** Answers that leave the connection to the client as it is. */
export const SAFE_ANSWERS: readonly (readonly [number, AnswerKind])[] = [
  [80, "plain"],
  [10, "body"],
  [8, "error"],
  [5, "chunked"],
  [3, "empty"],
  [0.2, "large"],
  [1, "interim"],
];

/** Answers that may break it. */
export const WILD_ANSWERS: readonly (readonly [number, AnswerKind])[] = [
  [1, "close"],
  [1, "truncated"],
  [2, "garbage"],
  [2, "head"],
  [3, "mutated"],
  [1, "early-close"],
];

const ERRORS = [
  "AccessDenied",
  "NoSuchKey",
  "ThrottlingException",
  "ResourceNotFoundException",
  "InternalError",
  "x".repeat(500),
  "<&>",
  "",
];

/**
 * Answers a fuzzed request as its `x-fuzz-answer` line says (`KIND-SEED`). Every answer bears an id of its own, by which its event
 * is found.
 */
export function answerTo(arrival: Arrival, id: string): Buffer | undefined {
  const [, kind = "plain", seed = "0"] = /^([a-z-]+)-(\d{1,10})$/.exec(arrival.message.headers.get("x-fuzz-answer") ?? "") ?? [];
  const random = new Random(Number(seed));
  const isHead = methodOf(arrival.message) === "HEAD";
  const isJson = /json|cbor/.test(arrival.message.headers.get("content-type") ?? "");
  const ids = `x-amzn-RequestId: ${id}\r\nx-amz-request-id: ${id}\r\n`;
  const whole = (status: number, body: string | Buffer, type = isJson ? "application/x-amz-json-1.1" : "text/xml"): Buffer => {
    const bytes = Buffer.from(body as string);
    const head = Buffer.from(`HTTP/1.1 ${status} Said\r\n${ids}Content-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`);
    return isHead ? head : Buffer.concat([head, bytes]);
  };
  const text = (): string =>
    random.chance(0.8) ? (isJson ? json(random) : xml(random, "Result")) : isJson ? brokenJson(random) : brokenXml(random);
  switch (kind as AnswerKind) {
    case "body":
      return whole(random.pick([200, 200, 201, 206, 299, 300, 400, 500]), text());
    case "error": {
      const code = random.pick(ERRORS);
      const body = isJson
        ? JSON.stringify({ __type: code, message: text() })
        : `<ErrorResponse><Error><Code>${code}</Code><Message>${text()}</Message></Error></ErrorResponse>`;
      return whole(random.pick([400, 403, 404, 409, 429, 500, 503, 599]), body);
    }
    case "chunked": {
      const parts = Array.from({ length: random.int(0, 5) }, () => Buffer.from(text()));
      const head = Buffer.from(`HTTP/1.1 200 OK\r\n${ids}Transfer-Encoding: chunked\r\n\r\n`);
      const chunks = parts
        .filter((part) => part.length > 0)
        .flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]);
      return isHead ? head : Buffer.concat([head, ...chunks, Buffer.from("0\r\n\r\n")]);
    }
    case "empty":
      return Buffer.from(`HTTP/1.1 ${random.pick([204, 304])} Nothing\r\n${ids}\r\n`);
    case "large":
      return whole(200, Buffer.alloc(random.int(100_000, 3_000_000), "<x/>"));
    case "interim":
      return Buffer.concat([
        Buffer.from("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(random.int(1, 20))),
        whole(200, "<Done/>"),
      ]);
    case "close":
      arrival.socket.destroy();
      return undefined;
    case "early-close":
      arrival.socket.end(Buffer.from(`HTTP/1.1 200 OK\r\n${ids}Connection: close\r\n\r\nuntil the end`));
      return undefined;
    case "truncated": {
      const bytes = whole(200, text());
      arrival.socket.end(bytes.subarray(0, random.int(0, bytes.length)));
      return undefined;
    }
    case "garbage":
      arrival.socket.end(random.bytes(random.int(0, 2000)));
      return undefined;
    case "head": {
      const lines = random.pick([
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: xchunked",
        "Content-Length: -1",
        "Content-Length: +5",
        "X\u0000: y",
        "X-Nul: \u0000",
        "X-Cr: a\rb",
        "no colon",
        " folded",
        `X-Long: ${"x".repeat(100_000)}`,
        "X-\u00e9: \u00e9",
        "Set-Cookie: a\r\nSet-Cookie: b",
        "Connection: x-amz-request-id",
        "Upgrade: h2c\r\nConnection: upgrade",
        "Content-Type: a\r\nContent-Type: b",
        "Trailer: x",
        "Content-Encoding: gzip",
        "Location: http://elsewhere/",
      ]);
      const status = random.pick([
        "HTTP/1.1 200 OK",
        "HTTP/1.0 200 OK",
        "HTTP/1.1 99 Low",
        "HTTP/1.1 1000 High",
        "HTTP/1.1 200",
        "HTTP/1.1 101 Switching Protocols",
        "HTTP/1.1 200 \u0001\u0002",
        "HTTP/1.1 200 \u00e9",
        "HTTP/2 200 OK",
        "ICY 200 OK",
      ]);
      arrival.socket.end(Buffer.from(`${status}\r\n${ids}${lines}\r\n\r\nhello`, "latin1"));
      return undefined;
    }
    case "mutated": {
      const bytes = whole(200, text());
      for (let left = random.int(1, 4); left > 0; left -= 1) {
        const at = random.int(0, bytes.length - 1);
        bytes[at] = random.chance(0.5) ? random.next() : (bytes[at] ?? 0) ^ (1 << random.int(0, 7));
      }
      arrival.socket.end(bytes);
      return undefined;
    }
    default:
      return whole(200, "<Done/>");
  }
}
