import type { Operation } from "../aws/catalogue/model.ts";
import type { ApiCall } from "../event/api-call.ts";

/** A kind of call, as far as its recording goes. */
export interface CallKind {
  /** Catalogue id. */
  readonly serviceId: string;
  /** API name, not event name. */
  readonly operationName: string;
  /** Undefined where the catalogue does not know the operation. */
  readonly operation: Operation | undefined;
}

/** What the gateway hands calls to: before they leave for their endpoint, and when they are finished. */
export interface Recorder {
  /** Whether a call of this kind can become an event: a data call that nobody could have selected is not captured at all. */
  wants(call: CallKind, throughVpcEndpoint?: boolean): boolean;
  /** Whether calls of this kind change something, so that an intent must be durable before one of them leaves. */
  intends(call: CallKind): boolean;
  /**
   * Asked for a wanted call before it leaves for its endpoint. Rejects with `RecordingUnavailable` when the call could not
   * be recorded: then it MUST NOT leave, or leave with `waive` alone. `intent` is given where the recorder intends one: it
   * makes what is known of the call by now, without response. The admission resolves when the intent is durable.
   */
  admit(intent?: () => ApiCall): Promise<Admission>;
  /** For a call that leaves although it was not admitted (best-effort): nothing is promised of its record. */
  waive(): Admission;
  /** Told of a call whose answer is released although it could not be recorded (best-effort): a gap in the record. */
  missed(call: ApiCall, problem: Error): void;
}

/**
 * One call on its way to its record. Exactly one of its methods MUST be called, once: until then the call holds room in the
 * journal's queue, and after a crash its intent becomes an event whose outcome is unknown.
 */
export interface Admission {
  /**
   * Resolves when every event of the call is durable, with false where nobody has selected any; rejects when that could not be done,
   * never for overload.
   */
  record(call: ApiCall): Promise<boolean>;
  /** The call leaves no event: it never left, or it is of those that AWS does not record. Never rejects. */
  withdraw(): Promise<void>;
  /** Nothing more will be heard of the call, and it may have left: its intent becomes its event. Never rejects. */
  abandon(): Promise<void>;
}

/** Why a call is refused. */
export type RefusalReason = "journal" | "overload" | "internal";

/** A call cannot be recorded. The message is for people. */
export class RecordingUnavailable extends Error {
  override name = "RecordingUnavailable";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
