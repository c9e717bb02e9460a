import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BrokenRequest } from "./broken-request.ts";
import { HeadGatherer } from "./head-gatherer.ts";

const of = (text: string): Buffer => Buffer.from(text, "latin1");

test("a head is the same, wherever it is cut", () => {
  const line = fc.stringMatching(/^[!-~]{0,12}$/);
  const cut = fc.array(fc.nat({ max: 60 }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.nat({ max: 2 }), fc.array(line), fc.string({ maxLength: 8 }), cut, (empty, lines, behind, cuts) => {
      const text = ["GET", ...lines.filter((each) => each !== "")].join("\r\n");
      const front = "\r\n".repeat(empty);
      const bytes = Buffer.concat([of(`${front}${text}\r\n\r\n`), Buffer.from(behind)]);
      const places = [0, ...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length];
      const gatherer = new HeadGatherer(1000);
      const ends = front.length + text.length + 4;
      for (let i = 1; i < places.length; i += 1) {
        const [from, to] = [places[i - 1]!, places[i]!];
        const head = gatherer.take(bytes.subarray(from, to), 0);
        if (to < ends) {
          expect(head).toBeUndefined();
          expect(gatherer.begun).toBe(to > front.length);
        } else {
          expect(head).toEqual({ text, behind: ends - from });
          expect(gatherer.begun).toBe(false);
          return;
        }
      }
    }),
  );
});

test("one head after the other comes out of one piece", () => {
  const gatherer = new HeadGatherer(100);
  const bytes = of("GET a\r\n\r\n\r\nPUT b\r\nC: d\r\n\r\nDEL");
  expect(gatherer.take(bytes, 0)).toEqual({ text: "GET a", behind: 9 });
  expect(gatherer.take(bytes, 9)).toEqual({ text: "PUT b\r\nC: d", behind: 26 });
  expect(gatherer.take(bytes, 26)).toBeUndefined();
  expect(gatherer.take(of("ETE\r\n\r\n"), 0)).toEqual({ text: "DELETE", behind: 7 });
});

test("a piece of nothing changes nothing", () => {
  const gatherer = new HeadGatherer(100);
  for (const piece of ["", "\r", "", "\n", "", "GET\r\n\r", ""]) expect(gatherer.take(of(piece), 0)).toBeUndefined();
  expect(gatherer.take(of("\n"), 0)).toEqual({ text: "GET", behind: 1 });
});

test("a head of 64 KB in single octets costs little more than in one piece", () => {
  const gatherer = new HeadGatherer(70_000);
  const text = `GET\r\n${"X: y\r\n".repeat(10_000)}Z:`;
  const started = performance.now();
  for (const octet of of(`${text}\r\n\r`)) expect(gatherer.take(Buffer.of(octet), 0)).toBeUndefined();
  expect(gatherer.take(of("\n"), 0)).toEqual({ text, behind: 1 });
  expect(performance.now() - started).toBeLessThan(5_000);
});

describe("refused as soon as it is clear", () => {
  test.each<[string, string[], number]>([
    ["a small letter", ["g"], 400],
    ["TLS", ["\x16\x03\x01"], 400],
    ["a blank line that is none", ["\r", "G"], 400],
    ["a line feed in front", ["\nGET"], 400],
    ["a line that ends without CR", ["GET / HTTP/1.1\n"], 400],
    ["a line that ends without CR, in pieces", ["GET / HTTP/1.1", "\n"], 400],
    ["too large", ["G".repeat(101)], 431],
    ["too large in pieces", ["G".repeat(60), "E".repeat(60)], 431],
    ["too large with its end", [`${"G".repeat(100)}\r\n\r\n`], 431],
  ])("%s", (_name, pieces, status) => {
    const gatherer = new HeadGatherer(100);
    const last = pieces.pop() ?? "";
    for (const piece of pieces) expect(gatherer.take(of(piece), 0)).toBeUndefined();
    try {
      gatherer.take(of(last), 0);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(BrokenRequest);
      expect(error).toMatchObject({ status });
    }
  });
});
