/** A target did not take an event. `code` is of EventBridge's codes for dead-letter queues. */
export class DeliveryError extends Error {
  readonly code: string;
  /** No later attempt could end otherwise. */
  readonly isFinal: boolean;

  constructor(code: string, message: string, isFinal: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = "DeliveryError";
    this.code = code;
    this.isFinal = isFinal;
  }
}
