import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { limitFileSize } from "../support/file-size-limit.ts";
import { until } from "../support/opentrail-process.ts";
import { type Call, refusalOf } from "./support/call.ts";
import { type CallKind, createUser, getUser, putParameter } from "./support/call-kinds.ts";
import { type Expectations, markOf } from "./support/check-calls.ts";
import { get } from "./support/read-back.ts";
import { Scene } from "./support/scene.ts";
import { SmallDisk } from "./support/small-disk.ts";

export interface DiskFullOptions {
  readonly seed: number;
  readonly recording: "required" | "best-effort";
  readonly project?: string;
  /** Do without a small file system even where one could be mounted. */
  readonly withoutMount?: boolean;
}

export interface DiskFullFigures {
  readonly way: "small file system" | "limit on file sizes";
  readonly recordedBefore: number;
  readonly refused: number;
  /** Best-effort: calls that passed without a record. */
  readonly unrecorded: number;
}

const MEGABYTES = 64;
/** A record's parameters have at most 100 KiB. */
const large: CallKind = {
  ...putParameter,
  request: (subject) => ({
    ...putParameter.request(subject),
    body: JSON.stringify({ Name: subject, Type: "String", Value: "v", Description: "large ".repeat(16_000) }),
  }),
};

/**
 * The disk fills while calls come in: they are refused before they are carried out (`required`), or pass and are counted
 * (`best-effort`); lookups go on; when there is room again, recording resumes by itself. Throws `Broken`.
 */
export async function diskFull(options: DiskFullOptions): Promise<DiskFullFigures> {
  const disk = options.withoutMount === true ? undefined : SmallDisk.mount(MEGABYTES);
  const directory = disk?.directory ?? mkdtempSync(join(tmpdir(), "opentrail-full-"));
  const dataDir = join(directory, "data");
  mkdirSync(dataDir);
  const scene = await Scene.begin({ ...options, dataDir });
  try {
    const [fill, free] =
      disk === undefined
        ? [(): void => limitFileSize(scene.served.pid, 1), (): void => limitFileSize(scene.served.pid, undefined)]
        : [(): void => disk.fill(), (): void => disk.free()];
    const figures = await filled(scene, options.recording, directory, fill, free);
    return { way: disk === undefined ? "limit on file sizes" : "small file system", ...figures };
  } finally {
    await scene.end();
    if (disk === undefined) rmSync(directory, { recursive: true, force: true });
    else disk.unmount();
  }
}

async function filled(
  scene: Scene,
  recording: DiskFullOptions["recording"],
  directory: string,
  fill: () => void,
  free: () => void,
): Promise<Omit<DiskFullFigures, "way">> {
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, `recording: ${recording}\n`);
  await scene.start({ flags: ["--config", config] });
  for (let at = 0; at < 5; at++) await scene.call(createUser);
  await scene.check();
  fill();
  // What was made room for beforehand may still be used.
  let recordedBefore = 5;
  for (; (await health(scene)) === 200; recordedBefore += 1) {
    const { answer } = await scene.call(large);
    if (answer === undefined) scene.break([{ promise: "no call hangs", what: "a call's connection ended" }]);
    if (recordedBefore > 2000) scene.break([{ promise: "a full disk shows", what: "2,000 large events were taken" }]);
  }
  const before = scene.book.calls.size;
  const wrong = recording === "required" ? await expectRefused(scene) : await expectPassed(scene);
  await expectLookups(scene);
  free();
  await until(async () => ((await health(scene)) === 200 ? true : undefined), "recording to resume", 30_000);
  const resumed = await scene.call(createUser);
  if (resumed.answer?.status !== 200)
    scene.break([{ promise: "recording resumes without a restart", what: "a call was refused", call: resumed }]);
  // The one that met the full disk first passed as well.
  const passed = new Set([...scene.book.calls.values()].slice(before - 1));
  const lenient: Partial<Expectations> = recording === "required" ? { outages: true } : { outages: true, passed };
  await scene.checkSoon(lenient);
  if (recording === "best-effort") await expectGap(scene, lenient, passed);
  await scene.kill();
  await scene.start({ flags: ["--config", config] });
  await scene.check(lenient);
  return { recordedBefore, refused: 0, unrecorded: 0, ...wrong };
}

async function health(scene: Scene): Promise<number> {
  return (await get(scene.url, "health")).status;
}

async function expectRefused(scene: Scene): Promise<Partial<DiskFullFigures>> {
  let refused = 0;
  for (const kind of [createUser, putParameter, getUser, createUser, large]) {
    const call = await scene.call(kind);
    if (call.answer === undefined || refusalOf(call.answer) !== "before" || call.received > 0) {
      scene.break([{ promise: "G3", what: "the disk is full, and the call was not refused before it left", call }]);
    }
    refused += 1;
  }
  return { refused };
}

async function expectPassed(scene: Scene): Promise<Partial<DiskFullFigures>> {
  let unrecorded = 0;
  for (const kind of [createUser, putParameter, getUser, createUser, large]) {
    const call = await scene.call(kind);
    if (call.answer?.status !== 200) scene.break([{ promise: "best-effort: calls pass", what: "this one did not", call }]);
    unrecorded += 1;
  }
  const status = (await (await get(scene.url, "status")).json()) as { calls: { notRecorded: number } };
  if (status.calls.notRecorded < unrecorded)
    scene.break([{ promise: "calls without a record are counted", what: JSON.stringify(status.calls) }]);
  return { unrecorded };
}

/** What is missing of the record stands in the record, soon after it can be written again. */
async function expectGap(scene: Scene, lenient: Partial<Expectations>, passed: ReadonlySet<Call>): Promise<void> {
  for (const deadline = Date.now() + 15_000; ;) {
    const records = (await scene.checkSoon(lenient)).map(({ record }) => record);
    const recorded = new Set(records.map(markOf));
    const missing = [...passed].filter(({ mark }) => !recorded.has(mark)).length;
    const gaps = records.filter((record) => record["eventName"] === "RecordingGap");
    const told = gaps.reduce((sum, gap) => sum + Number(gap["serviceEventDetails"]?.unrecordedCalls), 0);
    if (told === missing && missing > 0) return;
    if (Date.now() > deadline) {
      const what = `${missing} calls are missing, ${told} are told`;
      scene.break([{ promise: "the gap gets into the record", what, records: gaps }]);
    }
  }
}

/** The CloudTrail API itself is refused like all that cannot be recorded; reading the own paths is not recorded. */
async function expectLookups(scene: Scene): Promise<void> {
  for (const path of ["events?limit=50", "status", "metrics"]) {
    const response = await get(scene.url, path);
    const text = await response.text();
    if (!response.ok)
      scene.break([{ promise: "lookups keep answering", what: `${path} answered ${response.status}: ${text.slice(0, 500)}` }]);
    if (path.startsWith("events") && !text.includes('"eventName":"CreateUser"') && !text.includes('"eventName":"PutParameter"')) {
      scene.break([{ promise: "lookups keep answering", what: `${path} found nothing` }]);
    }
  }
}
