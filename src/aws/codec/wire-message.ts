/** The parts of a captured request that decoding needs. */
export interface WireMessage {
  readonly method: string;
  /** Percent-encoded path without query. */
  readonly path: string;
  /** Decoded query parameters in order; a flag without `=` has the value "". */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Lower-case names; repeated lines joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
  /** Whole body, chunk framing removed; undefined where there is none or it was not captured. */
  readonly body: Uint8Array | undefined;
}

/** The parts of a captured response that decoding needs. */
export interface WireAnswer {
  readonly status: number;
  /** Lower-case names; repeated lines joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array | undefined;
}
