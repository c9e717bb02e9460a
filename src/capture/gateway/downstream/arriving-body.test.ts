import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArrivingBody } from "./arriving-body.ts";
import { BrokenRequest } from "./broken-request.ts";
import { CHUNKED } from "./request-wire-head.ts";

class Sink {
  readonly pieces: Buffer[] = [];
  readonly told: string[] = [];
  onData: (piece: Buffer) => void = () => {};

  data(piece: Buffer): void {
    this.pieces.push(piece);
    this.onData(piece);
  }
  end(): void {
    this.told.push("end");
  }
  gone(): void {
    this.told.push("gone");
  }
  get text(): string {
    return Buffer.concat(this.pieces).toString("latin1");
  }
}

function bodyOf(length: number): { readonly body: ArrivingBody; readonly sink: Sink } {
  const body = new ArrivingBody(length, () => {});
  const sink = new Sink();
  body.attach(sink);
  return { body, sink };
}

const of = (text: string): Buffer => Buffer.from(text, "latin1");

describe("flow", () => {
  test("what came before is handed over at once, and the end", () => {
    const { body, sink } = bodyOf(5);
    expect(body.take(of("xxhelloyy"), 2)).toBe(7);
    expect([body.complete, body.ended, sink.pieces]).toEqual([true, false, []]);
    body.flow();
    expect([sink.text, sink.told, body.ended]).toEqual(["hello", ["end"], true]);
  });

  test("what comes while it is held waits, in order", () => {
    const { body, sink } = bodyOf(9);
    body.flow();
    sink.onData = () => body.hold();
    for (const piece of ["one", "two", "six"]) body.take(of(piece), 0);
    expect([sink.text, body.flowing, body.complete]).toEqual(["one", false, true]);
    sink.onData = () => {};
    body.flow();
    expect([sink.text, sink.told]).toEqual(["onetwosix", ["end"]]);
  });

  test("is held from 64 KB on, until it flows", () => {
    const changes: boolean[] = [];
    const body: ArrivingBody = new ArrivingBody(200_000, () => changes.push(body.held));
    const sink = new Sink();
    body.attach(sink);
    body.take(Buffer.alloc(64 * 1024 - 1), 0);
    expect(body.held).toBe(false);
    body.take(Buffer.alloc(1), 0);
    expect(body.held).toBe(true);
    body.flow();
    expect([body.held, changes.at(-1)]).toEqual([false, false]);
    // What is complete holds up nothing.
    body.hold();
    body.take(Buffer.alloc(200_000 - 64 * 1024), 0);
    expect([body.held, body.complete]).toEqual([false, true]);
  });

  test("what is discarded is taken, and told to nobody", () => {
    const { body, sink } = bodyOf(CHUNKED);
    body.take(of("5\r\nhello\r\n"), 0);
    body.discard();
    expect(body.take(of("5\r\nworld\r\n0\r\n\r\nbehind"), 0)).toBe(15);
    body.flow();
    expect([body.complete, sink.pieces, sink.told]).toEqual([true, [], []]);
  });

  test("a break is told once, and not of what is complete", () => {
    const { body, sink } = bodyOf(5);
    body.take(of("hell"), 0);
    body.breakOff();
    body.breakOff();
    expect([body.gone, sink.told]).toEqual([true, ["gone"]]);
    const whole = bodyOf(5);
    whole.body.take(of("hello"), 0);
    whole.body.breakOff();
    expect([whole.body.gone, whole.sink.told]).toEqual([false, []]);
  });
});

describe("chunks", () => {
  test("of one octet each are handed over together", () => {
    const { body, sink } = bodyOf(CHUNKED);
    body.flow();
    body.take(of(`${"1\r\nx\r\n".repeat(10_000)}0\r\n\r\n`), 0);
    expect([sink.pieces.length, sink.text, sink.told]).toEqual([1, "x".repeat(10_000), ["end"]]);
  });

  test("of one octet each are little when they wait", () => {
    const { body, sink } = bodyOf(CHUNKED);
    for (const octet of "1\r\nx\r\n".repeat(20_000)) body.take(of(octet), 0);
    body.flow();
    expect([sink.text.length, sink.pieces.length < 30]).toEqual([20_000, true]);
  });

  test("that are large are views of what came", () => {
    const { body, sink } = bodyOf(CHUNKED);
    body.flow();
    const bytes = of(`4e20\r\n${"x".repeat(20_000)}\r\n4e20\r\n${"y".repeat(20_000)}\r\n0\r\n\r\n`);
    body.take(bytes, 0);
    expect(sink.pieces.map(({ buffer }) => buffer)).toEqual([bytes.buffer, bytes.buffer]);
  });

  test("before a break are handed over", () => {
    const { body, sink } = bodyOf(CHUNKED);
    body.flow();
    expect(() => body.take(of("5\r\nhello\r\nzz\r\n"), 0)).toThrow(BrokenRequest);
    expect(sink.text).toBe("hello");
  });

  test("come out as they went in, however they are cut, held and let go", () => {
    const step = fc.record({ size: fc.integer({ min: 1, max: 40 }), held: fc.boolean() });
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 30 })), fc.array(step, { minLength: 1 }), (texts, steps) => {
        const payload = texts.map((text) => Buffer.from(text));
        const framed = payload.map((each) => Buffer.concat([of(`${each.length.toString(16)};a="b"\r\n`), each, of("\r\n")]));
        const bytes = Buffer.concat([...framed, of("0\r\nX-T: 1\r\n\r\n")]);
        const { body, sink } = bodyOf(CHUNKED);
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const { size, held } = steps[turn % steps.length]!;
          if (held) body.hold();
          else body.flow();
          const piece = bytes.subarray(at, at + size);
          expect(body.take(piece, 0)).toBe(piece.length);
          at += piece.length;
        }
        body.flow();
        expect([Buffer.concat(sink.pieces), sink.told]).toEqual([Buffer.concat(payload), ["end"]]);
      }),
    );
  });

  test.each([
    ["no size", "\r\n"],
    ["a size that is none", "g\r\n"],
    ["a sign", "+5\r\nhello\r\n"],
    ["a prefix", "0x5\r\nhello\r\n"],
    ["a blank in front", " 5\r\nhello\r\n"],
    ["a blank behind", "5 \r\nhello\r\n"],
    ["an underscore", "1_0\r\n"],
    ["a size beyond all bounds", "1000000000000\r\n"],
    ["a line feed alone", "5\nhello\r\n"],
    ["a carriage return alone", "5\rhello\r\n\r\n"],
    ["an extension that ends in a line feed", "5;a\nhello\r\n"],
    ["an extension without name", "5;\r\nhello\r\n"],
    ["an extension with a control character", "5;a=\x00\r\nhello\r\n"],
    ["an extension with an open quotation", '5;a="b\r\nhello\r\n'],
    ["an extension of 5000 octets", `5;a=${"b".repeat(5000)}\r\nhello\r\n`],
    ["more than its size", "4\r\nhello\r\n"],
    ["less than its size", "6\r\nhello\r\n0\r\n\r\n"],
    ["a chunk that ends in a line feed", "5\r\nhello\n0\r\n\r\n"],
    ["a trailer without name", "0\r\n: a\r\n\r\n"],
    ["a folded trailer", "0\r\nX-A: b\r\n c\r\n\r\n"],
    ["a blank before a trailer's colon", "0\r\nX-A : b\r\n\r\n"],
    ["a length as a trailer", "0\r\nContent-Length: 5\r\n\r\n"],
    ["a coding as a trailer", "0\r\ntransfer-encoding: chunked\r\n\r\n"],
    ["20 KB of trailers", `0\r\n${"X-A: b\r\n".repeat(2600)}\r\n`],
  ])("%s", (_name, bytes) => {
    const { body } = bodyOf(CHUNKED);
    expect(() => body.take(of(bytes), 0)).toThrow(BrokenRequest);
    const { body: octets } = bodyOf(CHUNKED);
    expect(() => {
      for (const octet of bytes) octets.take(of(octet), 0);
    }).toThrow(BrokenRequest);
  });
});
