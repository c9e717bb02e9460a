/** Something that is wrong with stored data, for people. */
export interface Finding {
  readonly file: string;
  /** Where in the file: an offset, a key, a row. */
  readonly place?: string;
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
}

export const RESTORE = "Restore the whole data directory from one backup";
