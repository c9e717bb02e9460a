/** One HTTP/1.1 message, read by the letter. */
export interface Message {
  /** The request line or the status line. */
  readonly start: string;
  /** Name and value in turn, as they came. */
  readonly lines: readonly string[];
  /** Lower-case names, the first value of each. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body's beginning, at most `keep` octets of it. */
  readonly body: Buffer;
  readonly bodyBytes: number;
  /** False where the connection ended first. */
  readonly whole: boolean;
}

/** What came is not HTTP/1.1 as RFC 9112 has it, or leaves room for two readings. */
export class NotStrict extends Error {
  override name = "NotStrict";
}

export interface ReaderOptions {
  readonly of: "requests" | "answers";
  readonly onMessage: (message: Message) => void;
  /** A message's head is there; its body follows. */
  readonly onHead?: (message: Omit<Message, "body" | "bodyBytes" | "whole">) => void;
  /** Octets of each body that are kept; default 64 KiB. */
  readonly keep?: number;
  /** For answers: whether the next one answers HEAD. Asked when its head is there. */
  readonly toHead?: () => boolean;
}

const HEAD_MAX = 1024 * 1024;
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const REQUEST_LINE = new RegExp(`^${TOKEN} [\\x21-\\x7e]+ HTTP/1\\.1$`);
const STATUS_LINE = /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const FIELD_LINE = new RegExp(
  `^(${TOKEN}):[ \\t]*((?:[\\x21-\\x7e\\x80-\\xff](?:[\\t\\x20-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?)?)[ \\t]*$`,
);

/**
 * Takes a stream of messages apart and forgives nothing: bare CR or LF, folded lines, two lengths, a length beside a transfer
 * coding, codings other than `chunked`, all throw `NotStrict`. Written apart from what it checks.
 */
export class MessageReader {
  readonly #options: ReaderOptions;
  readonly #keep: number;
  #state: "head" | "fixed" | "until-close" | "chunk-size" | "chunk-data" | "chunk-end" | "trailers" = "head";
  #pending: Buffer = Buffer.alloc(0);
  #head: Omit<Message, "body" | "bodyBytes" | "whole"> | undefined;
  #left = 0;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#keep = options.keep ?? 64 * 1024;
  }

  /** Nothing of another message has come yet. */
  get betweenMessages(): boolean {
    return this.#state === "head" && this.#pending.length === 0;
  }

  push(chunk: Buffer): void {
    let rest: Buffer | undefined = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = Buffer.alloc(0);
    while (rest !== undefined && rest.length > 0) rest = this.#step(rest);
  }

  /** The connection ended. */
  end(): void {
    if (this.#state === "until-close") this.#finish(true);
    else if (this.#head !== undefined) this.#finish(false);
    else if (this.#pending.length > 0) throw new NotStrict("the connection ended within a head");
  }

  /** Gives what is left to read; undefined where more must come first. */
  #step(rest: Buffer): Buffer | undefined {
    switch (this.#state) {
      case "head": {
        const end = rest.indexOf("\r\n\r\n");
        if (end === -1) return this.#wait(rest, HEAD_MAX);
        this.#readHead(rest.toString("latin1", 0, end));
        return rest.subarray(end + 4);
      }
      case "fixed":
      case "chunk-data": {
        const part = rest.subarray(0, this.#left);
        this.#take(part);
        this.#left -= part.length;
        if (this.#left === 0) {
          if (this.#state === "fixed") this.#finish(true);
          else this.#state = "chunk-end";
        }
        return rest.subarray(part.length);
      }
      case "until-close":
        this.#take(rest);
        return undefined;
      case "chunk-end":
        if (rest.length < 2) return this.#wait(rest, 2);
        if (rest[0] !== 13 || rest[1] !== 10) throw new NotStrict("a chunk that is longer than it says");
        this.#state = "chunk-size";
        return rest.subarray(2);
      case "chunk-size": {
        const end = rest.indexOf("\r\n");
        if (end === -1) return this.#wait(rest, 1024);
        const size = rest.toString("latin1", 0, end);
        if (!/^[0-9a-f]{1,12}$/i.test(size)) throw new NotStrict(`a chunk size that is none: ${JSON.stringify(size)}`);
        this.#left = Number.parseInt(size, 16);
        this.#state = this.#left === 0 ? "trailers" : "chunk-data";
        return rest.subarray(end + 2);
      }
      case "trailers": {
        const end = rest.indexOf("\r\n");
        if (end === -1) return this.#wait(rest, HEAD_MAX);
        const line = rest.toString("latin1", 0, end);
        if (line === "") this.#finish(true);
        else if (!FIELD_LINE.test(line)) throw new NotStrict(`a trailer that is none: ${JSON.stringify(line)}`);
        return rest.subarray(end + 2);
      }
    }
  }

  #wait(rest: Buffer, most: number): undefined {
    if (rest.length > most) throw new NotStrict("an endless line");
    this.#pending = rest;
    return undefined;
  }

  #readHead(text: string): void {
    const [start = "", ...fields] = text.split("\r\n");
    const isAnswer = this.#options.of === "answers";
    if (!(isAnswer ? STATUS_LINE : REQUEST_LINE).test(start))
      throw new NotStrict(`no start line: ${JSON.stringify(start.slice(0, 200))}`);
    const lines: string[] = [];
    const headers = new Map<string, string>();
    for (const field of fields) {
      const [, name, value = ""] = FIELD_LINE.exec(field) ?? [];
      if (name === undefined) throw new NotStrict(`no field line: ${JSON.stringify(field.slice(0, 200))}`);
      const lower = name.toLowerCase();
      if (headers.has(lower) && (lower === "content-length" || lower === "transfer-encoding" || lower === "host"))
        throw new NotStrict(`${lower} twice`);
      if (!headers.has(lower)) headers.set(lower, value);
      lines.push(name, value);
    }
    this.#head = { start, lines, headers };
    this.#options.onHead?.(this.#head);
    this.#frame(isAnswer, start, headers);
  }

  #frame(isAnswer: boolean, start: string, headers: ReadonlyMap<string, string>): void {
    const coding = headers.get("transfer-encoding");
    const length = headers.get("content-length");
    if (coding !== undefined && length !== undefined) throw new NotStrict("a length and a transfer coding");
    if (coding !== undefined && coding !== "chunked") throw new NotStrict(`the transfer coding ${coding}`);
    if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new NotStrict(`the length ${length}`);
    const status = isAnswer ? Number(start.slice(9, 12)) : 0;
    if (isAnswer && (status < 200 || status === 204 || status === 304 || this.#options.toHead?.() === true)) this.#finish(true);
    else if (coding !== undefined) this.#state = "chunk-size";
    else if (length !== undefined && Number(length) > 0) {
      this.#left = Number(length);
      this.#state = "fixed";
    } else if (length === undefined && isAnswer) this.#state = "until-close";
    else this.#finish(true);
  }

  #take(part: Buffer): void {
    this.#bytes += part.length;
    const room = this.#keep - this.#keptBytes;
    if (room <= 0) return;
    const kept = part.subarray(0, room);
    this.#kept.push(kept);
    this.#keptBytes += kept.length;
  }

  #finish(whole: boolean): void {
    const head = this.#head;
    if (head === undefined) return;
    const message = { ...head, body: Buffer.concat(this.#kept), bodyBytes: this.#bytes, whole };
    this.#head = undefined;
    this.#state = "head";
    this.#kept = [];
    this.#keptBytes = 0;
    this.#bytes = 0;
    this.#options.onMessage(message);
  }
}

export function methodOf(message: Pick<Message, "start">): string {
  return message.start.slice(0, message.start.indexOf(" "));
}

export function targetOf(message: Pick<Message, "start">): string {
  return message.start.split(" ")[1] ?? "";
}

export function statusOf(message: Pick<Message, "start">): number {
  return Number(message.start.slice(9, 12));
}
