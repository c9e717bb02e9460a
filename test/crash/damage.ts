import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import { filesBelow } from "../support/files-below.ts";
import { createUser, putParameter } from "./support/call-kinds.ts";
import { checkCalls, isOutcomeUnknown, type Violation } from "./support/check-calls.ts";
import { databaseContent } from "./support/database-content.ts";
import { type FileBlock, journalBlocks } from "./support/journal-files.ts";
import { ObservedBackend } from "./support/observed-backend.ts";
import { Random } from "./support/random.ts";
import { readBack, type ReadRecord } from "./support/read-back.ts";
import { Broken } from "./support/report.ts";
import { Scene } from "./support/scene.ts";
import { serve } from "./support/served.ts";
import type { Template } from "./support/template.ts";
import { makeTemplate } from "./support/template.ts";

const PROJECT = resolve(import.meta.dirname, "../..");

export interface DamageOptions {
  readonly seed: number;
  /** Lengths at which the last block is cut; default: every one. */
  readonly cuts?: number;
  /** Bits flipped, one at a time. */
  readonly flips: number;
  /** Tried at the same time; default 2. */
  readonly lanes?: number;
  readonly project?: string;
  readonly progress?: (line: string) => void;
  /** Told of each broken promise; without it the first one is thrown. */
  readonly onBroken?: (broken: Broken) => void;
}

export interface DamageFigures {
  cuts: number;
  flips: number;
  /** Everything that was acknowledged is there. */
  sound: number;
  /** Something is missing, and the log says where. */
  told: number;
  /** The start ends with an error that names the file. */
  refused: number;
  /** Flips that `opentrail verify` reported. */
  verified: number;
  /** Flips of octets that mean nothing: unused room in a file. */
  meaningless: number;
}

interface Damage {
  readonly what: string;
  readonly file: string;
  readonly flip: boolean;
  readonly inRoom?: boolean;
  readonly apply: (path: string) => void;
}

/**
 * Damages copies of the data that a crash left, once at a time: the newest segment's last block cut at every length, bits
 * flipped anywhere. What comes back afterwards is what was acknowledged, but for what was reported; nothing comes back altered.
 */
export async function damage(options: DamageOptions): Promise<DamageFigures> {
  const random = new Random(options.seed);
  const project = options.project ?? PROJECT;
  const template = await makeTemplate({ random, answers: [80, 30], project });
  await leaveSmallLastBlock(template, options);
  const whole = await wholeRecords(template, options);
  const waiting = [...cutsOf(template, random, options.cuts), ...flipsOf(template, random, options.flips)];
  const figures: DamageFigures = { cuts: 0, flips: 0, sound: 0, told: 0, refused: 0, verified: 0, meaningless: 0 };
  const lanes = Array.from({ length: options.lanes ?? 2 }, () => mkdtempSync(join(tmpdir(), "opentrail-damage-")));
  await Promise.all(
    lanes.map(async (lane) => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        try {
          await suffered(lane, template, next, whole, figures, { ...options, project });
        } catch (error) {
          if (!(error instanceof Broken) || options.onBroken === undefined) throw error;
          options.onBroken(error);
        }
        options.progress?.(`${waiting.length} to go: ${JSON.stringify(figures)}`);
      }
    }),
  );
  for (const lane of lanes) rmSync(lane, { recursive: true, force: true });
  template.remove();
  return figures;
}

/** So that every length of the last block can be tried. */
async function leaveSmallLastBlock(template: Template, options: DamageOptions): Promise<void> {
  await using scene = await Scene.begin({
    seed: options.seed,
    dataDir: template.dataDir,
    book: template.book,
    project: options.project,
  });
  await scene.start();
  for (const kind of [putParameter, createUser]) await scene.call(kind);
  await scene.kill();
}

/** What a start on the undamaged data shows. */
async function wholeRecords(template: Template, options: DamageOptions): Promise<readonly ReadRecord[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "opentrail-whole-"));
  template.copyTo(dataDir);
  await using scene = await Scene.begin({ seed: options.seed, dataDir, book: template.book, project: options.project });
  await scene.start();
  const records = await scene.check();
  await scene.kill();
  rmSync(dataDir, { recursive: true });
  return records;
}

function cutsOf(template: Template, random: Random, count: number | undefined): Damage[] {
  const last = lastBlock(template.dataDir);
  // A block of which not one octet is left cannot be told from one that was never written.
  const all = Array.from({ length: last.bytes - 1 }, (_, at) => at + 1);
  const lengths = count === undefined ? all : Array.from({ length: count }, () => random.pick(all));
  return lengths.map((length) => {
    const zeros = random.chance(0.5);
    return {
      what: `last block (${last.bytes} octets) cut after ${length}, ${zeros ? "zeros behind" : "file ends"}`,
      file: relative(template.dataDir, last.file),
      flip: false,
      apply: (path) => {
        if (zeros) writeFileSync(path, readFileSync(path).fill(0, last.offset + length));
        else truncateSync(path, last.offset + length);
      },
    };
  });
}

function lastBlock(dataDir: string): FileBlock {
  const last = journalBlocks(dataDir).at(-1);
  if (last === undefined) throw new Error("an empty journal");
  return last;
}

function flipsOf(template: Template, random: Random, count: number): Damage[] {
  // Preallocated zeros are most of the octets; a flip there is of no interest but now and then.
  const end = lastBlock(template.dataDir);
  const files = filesBelow(template.dataDir).filter(({ bytes }) => bytes.length > 0);
  // The first is in the journal: most others change nothing that a file says, and chance may pick none but those.
  const journal = files.filter(({ path }) => path === end.file);
  return Array.from({ length: count }, (_, at) => {
    const { path, bytes } = random.pick(at === 0 ? journal : files);
    const used = path === end.file && (at === 0 || random.chance(0.95)) ? end.offset + end.bytes : bytes.length;
    const offset = random.whole(0, used - 1);
    const bit = random.whole(0, 7);
    const file = relative(template.dataDir, path);
    return {
      what: `bit ${bit} of octet ${offset} of ${file} flipped`,
      file,
      flip: true,
      // Preallocated room behind the last block holds nothing yet.
      inRoom: path === end.file && offset >= end.offset + end.bytes,
      apply: (copy) => {
        const changed = readFileSync(copy);
        changed[offset] = (changed[offset] ?? 0) ^ (1 << bit);
        writeFileSync(copy, changed);
      },
    };
  });
}

async function suffered(
  lane: string,
  template: Template,
  { what, file, flip, inRoom = false, apply }: Damage,
  whole: readonly ReadRecord[],
  figures: DamageFigures,
  { seed, project }: DamageOptions & { readonly project: string },
): Promise<void> {
  const dataDir = join(lane, "data");
  template.copyTo(dataDir);
  apply(join(dataDir, file));
  figures[flip ? "flips" : "cuts"] += 1;
  let log = "";
  const fail = (violations: readonly Violation[]): never => {
    const kept = `${mkdtempSync(join(tmpdir(), "opentrail-damaged-"))}/data`;
    renameSync(dataDir, kept);
    throw new Broken(
      violations.map((violation) => ({ ...violation, promise: `${what}: ${violation.promise}` })),
      seed,
      kept,
      log,
    );
  };

  if (flip) {
    const verified = spawnSync(process.execPath, [join(project, "bin/opentrail.js"), "verify", "--data-dir", dataDir], {
      encoding: "utf8",
    });
    const said = verified.stdout + verified.stderr;
    if (verified.status !== 0 && said.includes(basename(file).replace(/-(wal|journal)$/, ""))) figures.verified += 1;
    else if (!inRoom && means(template.dataDir, dataDir, file))
      fail([{ promise: "verify reports every flip", what: `exit ${verified.status}: ${said.slice(0, 2000)}` }]);
    else figures.meaningless += 1;
  }

  const book = template.book.copy();
  const backend = await ObservedBackend.start(book);
  const served = serve({ dataDir, project, flags: ["--upstream", backend.url, "--history-data-events"] });
  try {
    const url = await served.ready;
    log = served.log();
    if (url === undefined) {
      if (served.exit?.code === 0 || !log.includes(dataDir))
        fail([{ promise: "an error names the path", what: log.slice(-2000) }]);
      figures.refused += 1;
      return;
    }
    let records: readonly ReadRecord[];
    try {
      records = await readBack(url);
    } catch (error) {
      // What cannot be read says so: an error is an answer, a short list is none.
      log = served.log();
      if (!log.includes(dataDir)) fail([{ promise: "an error names the path", what: String(error) }]);
      figures.told += 1;
      return;
    }
    log = served.log();
    const violations = checkCalls(book.calls.values(), records, book.calls, { dataEvents: true, outages: false });
    const before = new Map(whole.map(({ record, text }) => [record["eventID"], text]));
    for (const { record, text } of records) {
      const was = before.get(record["eventID"]);
      // Its end was cut off, its intent was not: that is a loss like any other, if it was told.
      const promise = isOutcomeUnknown(record) ? "G1" : "nothing comes back altered";
      if (was !== undefined && was !== text) violations.push({ promise, what: was, records: [record] });
    }
    const missing = violations.filter(({ promise }) => promise === "G1" || promise === "G2");
    if (missing.length < violations.length) fail(violations.filter((violation) => !missing.includes(violation)));
    if (missing.length > 0 && !log.includes(dataDir)) fail(missing);
    figures[missing.length > 0 ? "told" : "sound"] += 1;
  } finally {
    await served.kill();
    await backend.close();
  }
}

/** Whether the change of a file changed anything that it says. */
function means(original: string, damaged: string, file: string): boolean {
  if (/\.(segment|sealed)$/.test(file)) return true;
  if (/-shm$|(^|\/)lock/.test(file)) return false;
  const database = file.replace(/-wal$/, "");
  if (/\.(db|sqlite)$/.test(database))
    return databaseContent(join(original, database)) !== databaseContent(join(damaged, database));
  return true;
}
