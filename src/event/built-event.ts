/** One record, encoded once: every later stage passes these bytes on. */
export interface BuiltEvent {
  /** The record as JSON in UTF-8. */
  readonly record: Uint8Array;
  readonly index: EventIndex;
}

/** What readers need to know of a record without parsing it. Small and flat: it is stored beside the record. */
export interface EventIndex {
  readonly eventId: string;
  /** `eventTime`, epoch seconds. */
  readonly time: number;
  /** `recipientAccountId` */
  readonly account: string;
  readonly region: string;
  readonly category: "Management" | "Data" | "NetworkActivity" | "Insight";
  /** `eventSource` and `eventName` */
  readonly source: string;
  readonly name: string;
  readonly readOnly: boolean;
  readonly accessKeyId?: string;
  /** `Username` as LookupEvents shows it; absent for service-made events. */
  readonly username?: string;
  /** `Resources` as LookupEvents shows them, derived from request and answer; not the record's own `resources`. */
  readonly resources: readonly LookupResource[];
  readonly errorCode?: string;
  /** What selectors see of a data event whose record names no resources: denied calls hide them, some services never write any. */
  readonly selectedAs?: readonly SelectedResource[];
}

export interface SelectedResource {
  readonly type: string;
  readonly arn?: string;
}

export interface LookupResource {
  /** `AWS::IAM::Role`; absent where AWS reports none. */
  readonly type?: string;
  readonly name: string;
}
