export type Tags = Readonly<Record<string, string>>;

export interface StoredGroup {
  readonly id: number;
  readonly name: string;
  /** Epoch milliseconds, as all times here. */
  readonly created: number;
  /** `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`; kept and given back. */
  readonly class: string;
  readonly kms: string | undefined;
  /** Days; undefined keeps events for ever. */
  readonly retention: number | undefined;
  readonly tags: Tags;
  readonly bytes: number;
}

export interface StoredStream {
  readonly id: number;
  readonly name: string;
  readonly created: number;
  /** Undefined where there has been no event. */
  readonly firstEvent: number | undefined;
  readonly lastEvent: number | undefined;
  readonly ingested: number | undefined;
}

export interface NewEvent {
  readonly timestamp: number;
  readonly message: string;
}

/** Where an event stands among those of its group or stream: by its time, then in the order in which they came. */
export interface EventPosition {
  readonly timestamp: number;
  readonly id: number;
}

export interface StoredEvent extends EventPosition {
  /** Its stream's id. */
  readonly stream: number;
  readonly ingested: number;
  readonly message: string;
}
