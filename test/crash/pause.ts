import { setTimeout as delay } from "node:timers/promises";
import { Scene } from "./support/scene.ts";

export interface PauseOptions {
  readonly seed: number;
  /** Pauses, one after the other; default 2. */
  readonly pauses?: number;
  /** Of each. */
  readonly milliseconds: number;
  readonly project?: string;
}

export interface PauseFigures {
  pauses: number;
  calls: number;
  answered: number;
}

/**
 * Stops the process under load for a while (a laptop that sleeps, a machine that is moved) and lets it go on: every client gets
 * its answer, and nothing is lost; not even where it is ended while it is stopped. Throws `Broken`.
 */
export async function pauses(options: PauseOptions): Promise<PauseFigures> {
  await using scene = await Scene.begin(options);
  await scene.start();
  const rounds = options.pauses ?? 2;
  for (let round = 0; round < rounds; round++) {
    const load = scene.load({ clients: 8, leaving: false });
    await delay(scene.random.whole(50, 400));
    scene.served.signal("SIGSTOP");
    await delay(options.milliseconds);
    const waiting = [...scene.book.calls.values()].filter(({ answer }) => answer === undefined);
    scene.served.signal("SIGCONT");
    await delay(300);
    await scene.stop(load);
    const unanswered = waiting.filter(({ answer, plan }) => answer === undefined && plan !== "stops");
    if (unanswered.length > 0) {
      scene.break(unanswered.map((call) => ({ promise: "a pause costs no answer", what: "the connection ended instead", call })));
    }
    await scene.check();
  }
  const load = scene.load({ clients: 8 });
  await delay(scene.random.whole(50, 400));
  scene.served.signal("SIGSTOP");
  await delay(100);
  await Promise.all([scene.kill(), scene.stop(load)]);
  await scene.start();
  await scene.check();
  const calls = [...scene.book.calls.values()];
  return { pauses: rounds + 1, calls: calls.length, answered: calls.filter(({ answer }) => answer !== undefined).length };
}
