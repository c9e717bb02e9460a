import { connect, type Socket } from "node:net";
import { type Message, MessageReader, NotStrict, statusOf } from "./message-reader.ts";

/** A client that says exactly what it is told, and reads answers by the letter. */
export class RawConnection {
  readonly socket: Socket;
  /** Interim ones (1xx) aside. */
  readonly answers: Message[] = [];
  readonly interim: Message[] = [];
  /** Why what came is no HTTP answer. */
  problem: Error | undefined;
  /** How the connection ended; undefined while it has not. */
  ended: "closed" | "reset" | undefined;
  readonly #reader: MessageReader;
  readonly #waiting = new Set<() => void>();
  #answered = 0;

  /** @param isHead whether the answer of that number is to HEAD. */
  constructor(url: string, isHead: (at: number) => boolean = () => false, keep?: number) {
    const { hostname, port } = new URL(url);
    this.#reader = new MessageReader({
      of: "answers",
      onMessage: (message) => {
        if (statusOf(message) < 200) return void this.interim.push(message);
        this.#answered += 1;
        this.answers.push(message);
      },
      toHead: () => isHead(this.#answered),
      ...(keep === undefined ? {} : { keep }),
    });
    this.socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
    this.socket.on("data", (chunk: Buffer) => this.#read(() => this.#reader.push(chunk)));
    this.socket.on("end", () => this.#over("closed"));
    this.socket.on("error", () => this.#over("reset"));
    this.socket.on("close", () => this.#over("reset"));
  }

  send(bytes: string | Uint8Array): void {
    if (this.socket.destroyed || this.socket.writableEnded) return;
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Says that nothing more will come, and goes on listening. */
  halfClose(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  close(): void {
    this.socket.destroy();
  }

  /** The answer of that number, from 0. Rejects where the connection ends or time runs out without it. */
  async answer(at = 0, milliseconds = 15_000): Promise<Message> {
    await this.#until(() => this.answers.length > at || this.ended !== undefined, milliseconds, `answer ${at}`);
    const answer = this.answers[at];
    if (answer === undefined) throw new Error(`the connection ended (${this.ended}) before answer ${at}`);
    return answer;
  }

  /** Resolves with whether the connection ended in time. */
  async endsWithin(milliseconds: number): Promise<boolean> {
    return await this.#until(() => this.ended !== undefined, milliseconds, "the end").then(
      () => true,
      () => false,
    );
  }

  #read(step: () => void): void {
    if (this.problem !== undefined) return;
    try {
      step();
    } catch (error) {
      this.problem = error instanceof NotStrict ? error : new Error(String(error));
    }
    this.#wake();
  }

  #over(how: "closed" | "reset"): void {
    if (this.ended !== undefined) return;
    this.ended = how;
    this.#read(() => this.#reader.end());
    this.socket.end();
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  async #until(met: () => boolean, milliseconds: number, what: string): Promise<void> {
    if (met()) return;
    await new Promise<void>((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const check = (): void => {
        if (!met()) return;
        done();
        resolve();
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`waited ${milliseconds} ms in vain for ${what}`));
      }, milliseconds);
      this.#waiting.add(check);
    });
  }
}
