import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../support/opentrail-process.ts";
import { CallBook } from "./call-book.ts";
import type { CallKind } from "./call-kinds.ts";
import { Load } from "./load.ts";
import { ObservedBackend } from "./observed-backend.ts";
import type { Random } from "./random.ts";
import { serve } from "./served.ts";

/** A data directory as a death under load left it, and what the observer knows of the calls in it. */
export interface Template {
  readonly dataDir: string;
  readonly book: CallBook;
  /** Copies the data directory to `target`, which is replaced. */
  copyTo(target: string): void;
  remove(): void;
}

export interface TemplateOptions {
  readonly random: Random;
  /** One life for each: it dies when so many calls more have been answered. */
  readonly answers: readonly number[];
  readonly project?: string;
  /** Clients; default 4. */
  readonly clients?: number;
  readonly kinds?: readonly CallKind[];
}

/** Lets OpenTrail live and die under load. Data events are on record. */
export async function makeTemplate(options: TemplateOptions): Promise<Template> {
  const dataDir = mkdtempSync(join(tmpdir(), "opentrail-template-"));
  const book = new CallBook("t");
  const backend = await ObservedBackend.start(book);
  const { random, project, clients = 4, kinds } = options;
  let answered = 0;
  for (const answers of options.answers) {
    const flags = ["--upstream", backend.url, "--history-data-events"];
    const served = serve({ dataDir, flags, ...(project === undefined ? {} : { project }) });
    const url = await served.ready;
    if (url === undefined) throw new Error(`opentrail ended (${JSON.stringify(served.exit)}):\n${served.log()}`);
    const load = new Load({ book, random: random.fork(), url: () => url, clients, ...(kinds === undefined ? {} : { kinds }) });
    answered += answers;
    const count = (): number => [...book.calls.values()].filter(({ answer }) => answer !== undefined).length;
    await until(async () => (count() >= answered ? true : undefined), `${answers} answers`, 60_000);
    await Promise.all([served.kill(), load.stop()]);
    await until(async () => (backend.quiet ? true : undefined), "the backend's connections to end");
  }
  await backend.close();
  return {
    dataDir,
    book,
    copyTo(target) {
      rmSync(target, { recursive: true, force: true });
      cpSync(dataDir, target, { recursive: true });
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}
