import type { Clock } from "../../base/clock.ts";

/** What a command line stands in: where it prints and what it was started with. */
export interface Terminal {
  /** A line of the result, to standard output. */
  print(line: string): void;
  /** A remark that is not part of the result, to standard error. */
  note(line: string): void;
  /** How far long work is, in place of the last such line; "" takes it away. Absent where nobody watches. */
  readonly progress?: (line: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}
