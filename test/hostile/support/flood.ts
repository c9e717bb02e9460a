import { setTimeout as delay } from "node:timers/promises";
import { statusOf } from "./message-reader.ts";
import { RawConnection } from "./raw-connection.ts";

export interface FloodOptions {
  readonly url: string;
  readonly connections: number;
  readonly milliseconds: number;
  /** The bytes of the next call. */
  readonly next: (at: number) => string;
  /** Told of each answer. */
  readonly onAnswer?: (status: number, body: string, id: string | undefined) => void;
}

export interface Flood {
  readonly sent: number;
  readonly answered: number;
  readonly statuses: ReadonlyMap<number, number>;
  /** Connections that ended without the answer that was due. */
  readonly cut: number;
}

/** Calls and calls again, on every connection as soon as it is answered; a connection that ends is replaced. */
export async function flood({ url, connections, milliseconds, next, onAnswer }: FloodOptions): Promise<Flood> {
  const statuses = new Map<number, number>();
  const end = performance.now() + milliseconds;
  let sent = 0;
  let answered = 0;
  let cut = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const connection = new RawConnection(url);
      try {
        for (let at = 0; performance.now() < end; at += 1) {
          connection.send(next(sent));
          sent += 1;
          const answer = await connection.answer(at, 300_000);
          answered += 1;
          const status = statusOf(answer);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          onAnswer?.(status, answer.body.toString(), answer.headers.get("x-amzn-requestid"));
          if (answer.headers.get("connection") === "close") break;
          // An honest client that is told to slow down does.
          if (status === 503) await delay(50 + Math.random() * 200);
        }
      } catch {
        cut += 1;
      } finally {
        connection.close();
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  return { sent, answered, statuses, cut };
}
