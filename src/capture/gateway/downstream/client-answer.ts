import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { checkFieldLines } from "../http1/field-lines.ts";
import type { RequestWireHead } from "./request-wire-head.ts";

/** Octets up to which head and body go out as one piece of text. */
const JOINED_MAX = 8 * 1024;

const reasonPhrase = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Called when the system has taken what was written, or with what kept it from that. */
export type OnWritten = (error?: Error | null) => void;

/** The answer to one request, as it goes over the client's connection. Whoever writes it minds that the client may be slow. */
export class ClientAnswer {
  readonly socket: Socket;
  readonly #request: RequestWireHead;
  readonly #keepAliveSeconds: number;
  #last: boolean;
  /** Status line and field lines that wait for the first octets of the body. */
  #head: string | undefined;
  #framing: "bodiless" | "length" | "chunked" | "close" | undefined;
  /** Octets of the body that are still to be written, where its length was announced. */
  #left = 0;
  #continued = false;
  #started = false;
  #ended = false;

  /** @param keepAlive milliseconds that the connection is kept behind the answer, for the client to know. */
  constructor(socket: Socket, request: RequestWireHead, keepAlive: number) {
    this.socket = socket;
    this.#request = request;
    this.#keepAliveSeconds = Math.floor(keepAlive / 1000);
    this.#last = !request.keeps;
  }

  /** Status and header lines are settled. */
  get started(): boolean {
    return this.#started;
  }

  /** Nothing more of it is to be written. */
  get ended(): boolean {
    return this.#ended;
  }

  /** It ends its connection. */
  get last(): boolean {
    return this.#last;
  }

  /** Octets that the system has not taken. */
  get waiting(): number {
    return this.socket.writableLength;
  }

  /** Makes it the connection's last one; its client is told, unless the head is out. */
  endConnection(): void {
    this.#last = true;
  }

  /** Tells the client to send the body. */
  continue(): void {
    this.#continued = true;
    if (!this.#started && this.socket.writable) this.socket.write("HTTP/1.1 100 Continue\r\n\r\n", "latin1");
  }

  /**
   * Settles status and header lines, name and value in turn; they go out with what follows. Lines about the connection and about chunks
   * are added here and MUST NOT be among them. Throws `RangeError` for what no HTTP message may have; nothing is settled then.
   * Behind a Content-Length, so many octets MUST follow, except where the answer can have no body.
   */
  head(status: number, statusText: string | undefined, lines: readonly string[]): void {
    const text = statusText ?? STATUS_CODES[status] ?? "";
    if (!Number.isInteger(status) || status < 200 || status > 999 || !reasonPhrase.test(text))
      throw new RangeError("a status that is none of HTTP's");
    checkFieldLines(lines);
    let head = `HTTP/1.1 ${status} ${text}\r\n`;
    let length: string | undefined;
    let dated = false;
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const name = lines[i] ?? "";
      if (name.length === 14 && name.toLowerCase() === "content-length") {
        if (length !== undefined || !/^\d{1,15}$/.test(lines[i + 1] ?? "")) throw new RangeError("not one Content-Length");
        length = lines[i + 1];
      } else if (name.length === 4) dated ||= name.toLowerCase() === "date";
      head += `${name}: ${lines[i + 1] ?? ""}\r\n`;
    }
    if (!dated) head += `Date: ${dateNow()}\r\n`;
    const bodiless = this.#request.method === "HEAD" || status === 204 || status === 304;
    this.#framing = bodiless ? "bodiless" : length === undefined ? undefined : "length";
    this.#left = Number(length ?? 0);
    // Some clients do not send the body then, others do (RFC 9110, 10.1.1): what comes next cannot be told from it.
    if (this.#request.expectsContinue && !this.#continued) this.#last = true;
    this.#head = head;
    this.#started = true;
  }

  /** Sends what is settled without waiting for octets of the body. */
  flush(): void {
    if (this.#head !== undefined) this.#write(this.#takeHead(undefined), undefined);
  }

  /** Throws `RangeError` for more than was announced; the rest of the connection would be read wrongly, so it MUST be cut then. */
  write(bytes: Uint8Array, onWritten?: OnWritten): void {
    if (this.#ended || bytes.length === 0) return void onWritten?.();
    this.#count(bytes.length);
    const head = this.#head === undefined ? undefined : this.#takeHead(undefined);
    const { socket } = this;
    if (this.#framing === "bodiless") {
      if (head !== undefined) this.#write(head, undefined);
      onWritten?.();
      return;
    }
    const chunked = this.#framing === "chunked";
    const before = (head ?? "") + (chunked ? `${bytes.length.toString(16)}\r\n` : "");
    if (before === "") return void socket.write(bytes, onWritten);
    socket.cork();
    socket.write(before, "latin1");
    socket.write(bytes, chunked ? undefined : onWritten);
    if (chunked) socket.write("\r\n", "latin1", onWritten);
    socket.uncork();
  }

  /** Ends the message with `last`; what is still to be sent for it is sent. Throws as `write`, for less than was announced too. */
  end(last?: Uint8Array, onWritten?: OnWritten): void {
    if (this.#ended) return;
    const body = last !== undefined && last.length > 0 ? last : undefined;
    this.#count(body?.length ?? 0);
    if (this.#framing === "length" && this.#left > 0) throw new RangeError("a body that is shorter than announced");
    const head = this.#head === undefined ? "" : this.#takeHead(body?.length ?? 0);
    const bodiless = this.#framing === "bodiless";
    const chunked = this.#framing === "chunked";
    this.#ended = true;
    const end = chunked ? "0\r\n\r\n" : "";
    if (bodiless || body === undefined) return this.#write(head + end, onWritten);
    const before = head + (chunked ? `${body.length.toString(16)}\r\n` : "");
    const behind = chunked ? `\r\n${end}` : "";
    const { socket } = this;
    if (body.length <= JOINED_MAX) {
      const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
      return this.#write(before + text + behind, onWritten);
    }
    socket.cork();
    if (before !== "") socket.write(before, "latin1");
    socket.write(body, behind === "" ? onWritten : undefined);
    if (behind !== "") socket.write(behind, "latin1", onWritten);
    socket.uncork();
  }

  /** Somebody else has written it to the socket. */
  endElsewhere(): void {
    this.#started = true;
    this.#ended = true;
  }

  /** Closes the connection, in the middle of the message if it is under way: its client cannot take it for whole. */
  cut(): void {
    const ends = this.#framing === "close" && !this.#ended;
    this.#ended = true;
    this.#last = true;
    if (ends) reset(this.socket);
    else this.socket.destroy();
  }

  #count(octets: number): void {
    if (this.#framing !== "length") return;
    if (octets > this.#left) throw new RangeError("a body that is longer than announced");
    this.#left -= octets;
  }

  #write(text: string, onWritten: OnWritten | undefined): void {
    if (text === "") onWritten?.();
    else this.socket.write(text, "latin1", onWritten);
  }

  /** @param whole octets of the body, where the message ends here. */
  #takeHead(whole: number | undefined): string {
    let head = this.#head ?? "";
    this.#head = undefined;
    if (this.#framing === undefined) {
      if (whole !== undefined) {
        head += `Content-Length: ${whole}\r\n`;
        this.#framing = "length";
      } else if (this.#request.old) {
        this.#last = true;
        this.#framing = "close";
      } else {
        head += "Transfer-Encoding: chunked\r\n";
        this.#framing = "chunked";
      }
    }
    return `${head}${this.#last ? "Connection: close\r\n" : `Connection: keep-alive\r\nKeep-Alive: timeout=${this.#keepAliveSeconds}\r\n`}\r\n`;
  }
}

/** An orderly end would be the end of the message. */
function reset(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch {
    // Only TCP can be reset. TLS tells its ends apart by itself.
    socket.destroy();
  }
}

let dateAt = 0;
let dateText = "";

/** As `Date` has it, to the second. */
function dateNow(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateAt) {
    dateAt = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
