import { play } from "./run-script.ts";
import { scriptOf } from "./script.ts";
import { type Backend, startSubject } from "./subject.ts";

/** Plays single scripts again, and tells what each request was and what came back. */
export async function replay(
  seed: number,
  numbers: readonly number[],
  backend: Backend,
  say: (line: string) => void,
): Promise<void> {
  const { trail, upstream, workshop, close } = await startSubject(backend, seed, (number) => `id${number}`);
  try {
    for (const number of numbers) {
      const script = scriptOf(workshop, number);
      const { answers, findings } = await play(trail.url, script, 5000);
      say(`script ${number}: ${script.bytes.length} octets in ${script.cuts.length + 1} writes, then "${script.end}"`);
      for (const [at, piece] of script.pieces.entries()) {
        const answer = answers[at];
        say(`${at} ${piece.strict ? "strict" : "hostile"} ${JSON.stringify(piece.bytes.toString("latin1").slice(0, 1500))}`);
        if (answer !== undefined)
          say(
            `  → ${answer.start} ${JSON.stringify(answer.lines)}, ${answer.bodyBytes} octets${answer.whole ? "" : ", cut off"}`,
          );
      }
      for (const finding of [...findings, ...upstream.violations]) say(`FOUND ${finding}`);
    }
    say(trail.log());
  } finally {
    await close();
  }
}
