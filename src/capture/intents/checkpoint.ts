import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { replaceFile } from "../../base/replace-file.ts";
import type { Journal, Position } from "../../journal/journal.ts";

type Readable = Pick<Journal, "read" | "status">;

/**
 * Where the search for open intents begins at the next start. It names an entry, not only a position, so that it is void in
 * another journal. A lost, void or old one makes the search longer, never wrong.
 */
export class Checkpoint {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A position up to which no intent is open; 0 where none is known. */
  async load(journal: Readable): Promise<Position> {
    const text = await readFile(this.#path, "utf8").catch(() => undefined);
    if (text === undefined) return 0;
    const [, digits, sum] = /^opentrail-intents-1 (\d{1,15}) ([0-9a-f]{1,8})\n$/.exec(text) ?? [];
    const position = Number(digits ?? 0);
    const { first, last } = journal.status();
    if (position < 1 || position < first || position > last) return 0;
    return (await sumAt(journal, position)) === sum ? position : 0;
  }

  /** Durable when it resolves. `position` MUST be one that is still held. */
  async store(journal: Readable, position: Position): Promise<void> {
    await replaceFile(this.#path, `opentrail-intents-1 ${position} ${await sumAt(journal, position)}\n`);
  }
}

async function sumAt(journal: Readable, position: Position): Promise<string> {
  const [entry] = await journal.read(position - 1, 1);
  return entry?.position === position ? crc32(entry.body, crc32(entry.head)).toString(16) : "";
}
