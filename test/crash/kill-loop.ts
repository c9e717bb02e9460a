import { DirectoryLife, type DirectoryLifeFigures } from "./directory-life.ts";
import { Random } from "./support/random.ts";

export interface KillLoopOptions {
  readonly rounds: number;
  readonly seed: number;
  /** As many rounds again are made until these say enough; default: they do at once. On a busy machine a life sees few calls. */
  readonly enough?: (figures: KillLoopFigures) => boolean;
  /** Rounds on one data directory; default 50. */
  readonly roundsPerDirectory?: number;
  /** Root of the project under test; default: this one. */
  readonly project?: string;
  /** Processes that capture; default: one or two, as chance has it for each directory. */
  readonly processes?: number;
  readonly progress?: (line: string) => void;
}

export interface KillLoopFigures extends DirectoryLifeFigures {
  rounds: number;
  events: number;
  outcomeUnknown: number;
}

/**
 * Ends OpenTrail at random moments, under load, in its start, in its recovery, and starts it again on the same data. The
 * observer is the clients and the backend at once: after each start it holds what they saw against all events. Throws
 * `Broken` at the first difference.
 */
export async function killLoop(options: KillLoopOptions): Promise<KillLoopFigures> {
  const { rounds, seed, enough = () => true, roundsPerDirectory = 50, project, processes, progress } = options;
  const random = new Random(seed);
  const sum: KillLoopFigures = {
    rounds: 0,
    killedBeforeReady: 0,
    processesKilled: 0,
    checks: 0,
    calls: 0,
    answered: 0,
    changingReceived: 0,
    events: 0,
    outcomeUnknown: 0,
  };
  let wanted = rounds;
  for (let number = 0; sum.rounds < wanted; number++) {
    await using life = await DirectoryLife.begin({
      random: random.fork(),
      seed,
      number,
      ...(project === undefined ? {} : { project }),
      ...(processes === undefined ? {} : { processes }),
    });
    for (let round = 0; round < roundsPerDirectory && sum.rounds < wanted; round++) {
      await life.round();
      sum.rounds += 1;
      progress?.(
        `${sum.rounds} of ${wanted} rounds, ${sum.calls + life.figures.calls} calls, ${sum.events + life.memory.events} events`,
      );
    }
    await life.end();
    sum.killedBeforeReady += life.figures.killedBeforeReady;
    sum.processesKilled += life.figures.processesKilled;
    sum.checks += life.figures.checks;
    sum.calls += life.figures.calls;
    sum.answered += life.figures.answered;
    sum.changingReceived += life.figures.changingReceived;
    sum.events += life.memory.events;
    sum.outcomeUnknown += life.memory.outcomeUnknown;
    if (sum.rounds === wanted && !enough(sum)) wanted += rounds;
  }
  return sum;
}
