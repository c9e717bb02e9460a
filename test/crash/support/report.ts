import type { Violation } from "./check-calls.ts";

/** For people: what was broken, and by which call. */
export function describeViolations(violations: readonly Violation[]): string {
  const shown = violations.slice(0, 10).map(({ promise, what, call, records }) => {
    const lines = [`${promise}: ${what}`];
    if (call !== undefined) {
      const { mark, kind, plan, subject, received, answer, sentAt } = call;
      const sent = new Date(sentAt).toISOString();
      lines.push(
        `  call ${mark}: ${kind.eventName} of ${subject}, sent ${sent}, backend ${plan}, received there ${received} times`,
      );
      lines.push(
        answer === undefined
          ? "  no whole answer"
          : `  answer ${answer.status}, request id ${answer.requestId}: ${answer.text.slice(0, 300)}`,
      );
    }
    for (const record of records ?? []) lines.push(`  event ${JSON.stringify(record)}`);
    return lines.join("\n");
  });
  const more = violations.length > shown.length ? [`… and ${violations.length - shown.length} more`] : [];
  return [...shown, ...more].join("\n");
}

export class Broken extends Error {
  override name = "Broken";

  /** @param dataDir is kept for whoever looks into it. */
  constructor(violations: readonly Violation[], seed: number, dataDir: string, log: string) {
    super(
      `${violations.length} promises broken (seed ${seed}, data kept in ${dataDir})\n${describeViolations(violations)}\nlog:\n${log.slice(-4000)}`,
    );
  }
}
