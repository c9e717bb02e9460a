import type { Terminal } from "../terminal.ts";
import { jsonLine, printable } from "../printable.ts";
import { displayTime } from "./digest-walk.ts";
import type { Finding } from "./finding.ts";

type Times = { readonly start: number; readonly end: number };

/** Says what is found: in the words of `aws cloudtrail validate-logs`, or as JSON, an object a line. */
export class ValidationReport {
  readonly #terminal: Terminal;
  readonly #verbose: boolean;
  readonly #json: boolean;
  /** As the AWS CLI counts; `gaps` are times without digests that should have some, which it does not look for. */
  readonly #counts = {
    digests: { valid: 0, invalid: 0 },
    backfillDigests: { valid: 0, invalid: 0 },
    logs: { valid: 0, invalid: 0 },
    gaps: 0,
  };
  #isBlank = true;

  constructor(terminal: Terminal, options: { readonly verbose: boolean; readonly json: boolean }) {
    this.#terminal = terminal;
    this.#verbose = options.verbose;
    this.#json = options.json;
  }

  begin(arn: string, { start, end }: Times): void {
    if (this.#json) return;
    this.#terminal.print(
      `Validating log files for trail ${printable(arn)} between ${displayTime(start)} and ${displayTime(end)}\n`,
    );
  }

  add(finding: Finding): void {
    const { subject, backfill, state, bucket, key } = finding;
    if (subject === "time") this.#counts.gaps += state === "invalid" ? 1 : 0;
    else if (state !== "remark") {
      const name = subject === "log" ? "logs" : backfill ? "backfillDigests" : "digests";
      this.#counts[name][state] += 1;
    }
    if (this.#json) {
      if (state !== "valid" || this.#verbose) this.#terminal.print(jsonLine(finding));
      return;
    }
    const file = subject === "log" ? "Log file" : "Digest file";
    const place = subject === "time" ? "" : `${file}\ts3://${printable(`${bucket}/${key}`)}\t`;
    const what = subject === "time" || state === "valid" ? "" : "INVALID: ";
    const text = `${backfill ? "(backfill) " : ""}${place}${what}${printable(finding.reason ?? state)}`;
    if (state === "valid") this.#status(text);
    else this.#problem(text);
  }

  /** The exit status. */
  end(asked: Times, found: Times | undefined): number {
    const { digests, backfillDigests, logs, gaps } = this.#counts;
    const isValid = digests.invalid + backfillDigests.invalid + logs.invalid + gaps === 0;
    this.#terminal.progress?.("");
    if (this.#json) this.#terminal.print(jsonLine({ subject: "summary", valid: isValid, ...this.#counts }));
    else for (const line of this.#summary(asked, found)) this.#terminal.print(line);
    return isValid ? 0 : 1;
  }

  *#summary(asked: Times, found: Times | undefined): Generator<string> {
    const { digests, backfillDigests, logs, gaps } = this.#counts;
    if (!this.#isBlank) yield "";
    yield `Results requested for ${displayTime(asked.start)} to ${displayTime(asked.end)}`;
    if (digests.valid + digests.invalid + backfillDigests.valid + backfillDigests.invalid === 0) {
      yield "No digests found";
      return;
    }
    if (found === undefined) yield "No valid digests found in range";
    else yield `Results found for ${displayTime(found.start)} to ${displayTime(found.end)}:`;
    yield "";
    for (const [name, ratio] of [
      ["digest", digests],
      ["backfill digest", backfillDigests],
      ["log", logs],
    ] as const) {
      const [total, { valid, invalid }] = [ratio.valid + ratio.invalid, ratio];
      if (total === 0) continue;
      yield `${valid}/${total} ${name} files valid${invalid > 0 ? `, ${invalid}/${total} ${name} files INVALID` : ""}`;
    }
    if (gaps > 0) yield `${gaps} ${gaps === 1 ? "time" : "times"} without digest files`;
  }

  #status(text: string): void {
    const { logs } = this.#counts;
    if (logs.valid % 256 === 1) this.#terminal.progress?.(`${logs.valid} log files`);
    if (!this.#verbose) return;
    this.#isBlank = false;
    this.#terminal.print(text);
  }

  #problem(text: string): void {
    this.#terminal.note(this.#isBlank ? `${text}\n` : `\n${text}\n`);
    this.#isBlank = true;
  }
}
