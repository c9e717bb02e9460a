/** How OpenTrail is doing: what `/_opentrail/status` answers and `opentrail status` prints. */
export interface Status {
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly recording: "required" | "best-effort";
  readonly backend: string;
  /**
   * Calls that came in since the start, by what became of their record: `arrived` is the sum of the others.
   * `recorded`: at least one event is durable. `notSelected`: data calls that nobody wants as events.
   * `notAuthenticated`: refused by the backend before authentication; AWS records none of these.
   * `neverLeft`: the client went away before its request was passed on. `refused`: not passed on, because nothing could
   * be recorded. `notRecorded`: passed on and lost to the record.
   * `inFlight`: not known yet.
   */
  readonly calls: {
    readonly arrived: number;
    readonly recorded: number;
    readonly notSelected: number;
    readonly notAuthenticated: number;
    readonly neverLeft: number;
    readonly refused: number;
    readonly notRecorded: number;
    readonly inFlight: number;
  };
  /** The refused calls by reason: the journal cannot be written, too much waits for it, a fault of our own. */
  readonly refusals: { readonly journal: number; readonly overload: number; readonly internal: number };
  readonly journal: {
    readonly first: number;
    readonly last: number;
    readonly bytes: number;
    readonly writable: boolean;
    readonly problem?: string;
    /** Entries that were damaged and set aside, oldest first. */
    readonly lost: readonly {
      readonly first: number;
      readonly last: number;
      readonly reason: string;
      readonly setAsideAt: string;
    }[];
  };
  readonly readers: readonly {
    readonly name: string;
    readonly position: number;
    readonly lag: number;
    readonly problem?: string | undefined;
  }[];
  /**
   * How the events that each trail was offered divide: recorded = delivered + filtered + pending + expired. `error`: the
   * bucket's error code since the last file.
   */
  readonly trails: readonly {
    readonly arn: string;
    readonly logging: boolean;
    readonly recorded: number;
    readonly delivered: number;
    readonly filtered: number;
    readonly pending: number;
    /** Given up after thirty days. */
    readonly expired: number;
    readonly latestDelivery?: string;
    readonly error?: string;
  }[];
  /** The processes that capture calls; absent where this one does it itself. */
  readonly captureProcesses?: { readonly running: number; readonly configured: number };
  /** What this start found broken in the databases' logs: commits that are gone, each a sentence for people. */
  readonly damage: readonly string[];
  /** How many follow `/_opentrail/tail`. */
  readonly watching: number;
  readonly history: {
    readonly events: number;
    readonly days: number;
    /** Dates whose files are broken: their events are neither counted nor found. */
    readonly unreadableDays: readonly string[];
    readonly bytes: number;
    readonly retentionDays: number;
  };
  readonly disk: {
    readonly path: string;
    readonly freeBytes: number;
    readonly totalBytes: number;
    /** `low` and `critical` come with a warning. */
    readonly level: "ok" | "low" | "critical";
    readonly warning?: string;
    /** At the rate of the last minutes; absent while it is not filling. */
    readonly secondsUntilFull?: number;
  };
}
