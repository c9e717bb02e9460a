import { Agent, type ClientRequest, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { authorization } from "../../support/raw-call.ts";
import type { Answer, Call } from "./call.ts";

/** Longer than anything takes that goes on at all. */
const PATIENCE = 30_000;

/** A client with one connection, which it keeps while it holds. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  /** Calls that got neither an answer nor the end of their connection. */
  readonly hung: Call[] = [];

  /**
   * Makes a call and notes the answer in it if it came whole. Resolves when it came, or when the connection ended.
   *
   * @param leaveAfter milliseconds after which the client goes away without the answer.
   * @param pause milliseconds between the halves of the body.
   */
  async call(url: string, call: Call, leaveAfter?: number, pause = 0): Promise<void> {
    const { line, headers = {}, body } = call.kind.request(call.subject);
    const [method = "GET", path = "/"] = line.split(" ");
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    await new Promise<void>((done) => {
      const asked = request(`${url}${path}`, {
        method,
        agent: this.#agent,
        headers: { authorization: authorization(call.kind.service), "user-agent": call.mark, ...length, ...headers },
      });
      const patience = setTimeout(() => {
        this.hung.push(call);
        asked.destroy();
      }, PATIENCE);
      const leaving = leaveAfter === undefined ? undefined : setTimeout(() => asked.destroy(), leaveAfter);
      asked.once("close", () => {
        clearTimeout(patience);
        clearTimeout(leaving);
        done();
      });
      asked.on("error", () => {});
      asked.on("response", (response) => {
        const beginning: Buffer[] = [];
        let kept = 0;
        response.on("error", () => {});
        response.on("data", (chunk: Buffer) => {
          if (kept > 4096) return;
          beginning.push(chunk);
          kept += chunk.length;
        });
        response.once("end", () => {
          if (!response.complete) return;
          const id = response.headers["x-amzn-requestid"] ?? response.headers["x-amz-request-id"];
          const answer: Answer = {
            status: response.statusCode ?? 0,
            requestId: typeof id === "string" ? id : undefined,
            text: Buffer.concat(beginning).toString("utf8", 0, 4096),
          };
          call.answer = answer;
        });
      });
      void send(asked, body, pause);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function send(asked: ClientRequest, body: string | Buffer | undefined, pause: number): Promise<void> {
  if (body !== undefined && pause > 0) {
    const bytes = Buffer.from(body);
    asked.write(bytes.subarray(0, bytes.length / 2));
    await delay(pause);
    asked.end(bytes.subarray(bytes.length / 2));
  } else asked.end(body);
}
