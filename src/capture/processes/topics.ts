/** What is said between the primary process, which keeps the journal, and those that capture. */
export const TOPIC = {
  // The primary tells a capture process, in this order: how it is set up, what is known, and that it may begin.
  start: 1,
  identities: 2,
  tables: 3,
  journal: 4,
  /** Which data events are wanted now. */
  selection: 7,
  /** Finish the calls in progress, then reply. */
  stop: 5,
  /** Send what has been counted, then reply. */
  tally: 6,
  // A capture process asks the primary.
  append: 16,
  open: 17,
  settle: 18,
  withdraw: 19,
  abandon: 20,
  teach: 21,
  // And tells it.
  missed: 32,
  counted: 33,
  tableChanged: 34,
  ready: 36,
} as const;
