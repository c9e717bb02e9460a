/** A filter pattern, read. Its memory is bounded by its own length, its time by that times the message's. */
export interface FilterPattern {
  matches(message: string): boolean;
  /** What TestMetricFilter shows of a message that matches: `$.member` or `$field` and its value. */
  extract(message: string): Readonly<Record<string, string>>;
}
