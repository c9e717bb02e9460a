import { Random } from "../support/random.ts";
import { type AnswerKind, SAFE_ANSWERS, WILD_ANSWERS } from "./answers.ts";
import { broken, mutated } from "./breakages.ts";
import { call } from "./calls.ts";
import { type Draft, type Piece, written } from "./piece.ts";

/** What one connection sends: honest requests one behind the other, then, mostly, something hostile. */
export interface Script {
  readonly number: number;
  readonly pieces: readonly Piece[];
  /** Leading pieces that must be answered. */
  readonly strict: number;
  readonly bytes: Buffer;
  /** Where the bytes are cut into writes, ascending. */
  readonly cuts: readonly number[];
  /** What the client does when all is sent. */
  readonly end: "half-close" | "leave" | "read" | "reset";
}

/** What the scripts of one run share. */
export interface Workshop {
  readonly seed: number;
  readonly corpus: readonly Buffer[];
  /** Alters a draft before it is written down: signs it. */
  readonly finish?: (draft: Draft) => void;
}

/** The same seed, number and corpus give the same script, signatures aside. */
export function scriptOf(workshop: Workshop, number: number): Script {
  const random = new Random(workshop.seed, number);
  const pieces: Piece[] = [];
  const honest = random.chance(0.02) ? random.int(20, 60) : random.int(0, 14);
  for (let left = honest; left > 0; left -= 1) pieces.push(honestPiece(random, workshop, SAFE_ANSWERS));
  const strict = pieces.length;
  const tail = random.weighed<"none" | "wild" | "broken" | "mutated" | "truncated">([
    [2, "none"],
    [1, "wild"],
    [3, "broken"],
    [3, "mutated"],
    [1, "truncated"],
  ]);
  if (tail !== "none" || strict === 0) pieces.push(hostilePiece(random, workshop, tail));
  if (tail !== "none" && random.chance(0.3)) pieces.push({ ...honestPiece(random, workshop, SAFE_ANSWERS), strict: false });
  const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
  const cuts = Array.from({ length: random.chance(0.6) ? 0 : random.size(8) }, () => random.int(0, bytes.length)).sort(
    (a, b) => a - b,
  );
  const patient = strict === pieces.length;
  const end = patient
    ? random.pick(["half-close", "read"] as const)
    : random.weighed([
        [6, "half-close"],
        [2, "read"],
        [1, "leave"],
        [1, "reset"],
      ] as const);
  return { number, pieces, strict, bytes, cuts, end };
}

function honestPiece(random: Random, { corpus, finish }: Workshop, kinds: readonly (readonly [number, AnswerKind])[]): Piece {
  const answer = random.weighed(kinds);
  const asked = answer === "plain" ? "" : `x-fuzz-answer: ${answer}-${random.next()}\r\n`;
  if (corpus.length > 0 && random.chance(0.2)) {
    const bytes = withLine(random.pick(corpus), asked);
    return { bytes, strict: true, isHead: bytes.toString("latin1", 0, 5) === "HEAD " };
  }
  const draft = call(random);
  finish?.(draft);
  const bytes = written(draft, (body) =>
    [body.subarray(0, random.int(0, body.length)), body].map((part, at, all) =>
      at === 0 ? part : part.subarray(all[0]?.length ?? 0),
    ),
  );
  return { bytes: withLine(bytes, asked), strict: true, isHead: draft.method === "HEAD" };
}

function hostilePiece(random: Random, workshop: Workshop, kind: "none" | "wild" | "broken" | "mutated" | "truncated"): Piece {
  if (kind === "none") return honestPiece(random, workshop, SAFE_ANSWERS);
  if (kind === "wild") {
    // A server may end the connection behind an expectation that it had no reason to meet.
    const { bytes, isHead } = honestPiece(random, workshop, WILD_ANSWERS);
    return { bytes: withLine(bytes, random.chance(0.1) ? "Expect: 100-continue\r\n" : ""), strict: false, isHead };
  }
  const { bytes, isHead } = honestPiece(random, workshop, SAFE_ANSWERS);
  if (kind === "broken") return { bytes: broken(bytes, random), strict: false, isHead };
  if (kind === "truncated") return { bytes: bytes.subarray(0, random.int(1, bytes.length)), strict: false, isHead };
  return { bytes: mutated(bytes, honestPiece(random, workshop, SAFE_ANSWERS).bytes, random), strict: false, isHead };
}

function withLine(bytes: Buffer, line: string): Buffer {
  if (line === "") return bytes;
  const at = bytes.indexOf("\r\n") + 2;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(line), bytes.subarray(at)]);
}
