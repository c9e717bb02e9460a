import { DeliveryError } from "./delivery-error.ts";
import type { Delivery, Failure } from "./delivery-table.ts";
import { retryDelay } from "./retry-delay.ts";

/** "Retry policy and using dead-letter queues": what holds where a target sets nothing. */
const DEFAULT_ATTEMPTS = 185;
const DEFAULT_AGE_SECONDS = 86_400;
/** A dead-letter queue that is away has as long again. */
const BURIAL_MILLISECONDS = 86_400_000;
/** Octets of a message attribute that say what went wrong. */
const LONGEST_MESSAGE = 1024;

export type AfterFailure =
  | { readonly kind: "drop"; readonly attempts: number }
  | { readonly kind: "later"; readonly attempts: number; readonly due: number; readonly failure?: Failure };

/** What is to be done about a delivery of which an attempt has just failed with `error`. */
export function afterFailure(delivery: Delivery, error: unknown, now: number, random?: () => number): AfterFailure {
  const attempts = delivery.attempts + 1;
  const isFinal = error instanceof DeliveryError && error.isFinal;
  const { failure, target, receivedAt } = delivery;
  if (failure !== undefined) {
    if (isFinal || now - receivedAt >= ageOf(delivery) + BURIAL_MILLISECONDS) return { kind: "drop", attempts };
    return { kind: "later", attempts, due: now + retryDelay(attempts, random), failure };
  }
  const expires = receivedAt + ageOf(delivery);
  const most = target.RetryPolicy?.MaximumRetryAttempts ?? DEFAULT_ATTEMPTS;
  const exhausted = attempts > most ? "MaximumRetryAttempts" : now >= expires ? "MaximumEventAgeInSeconds" : undefined;
  if (!isFinal && exhausted === undefined) {
    return { kind: "later", attempts, due: Math.min(now + retryDelay(attempts, random), expires) };
  }
  if (target.DeadLetterConfig?.Arn === undefined) return { kind: "drop", attempts };
  const found: Failure = {
    code: error instanceof DeliveryError ? error.code : "INTERNAL_ERROR",
    message: (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_MESSAGE),
    attempts: attempts - 1,
    ...(isFinal || exhausted === undefined ? {} : { exhausted }),
  };
  return { kind: "later", attempts: 0, due: now, failure: found };
}

function ageOf({ target }: Delivery): number {
  return (target.RetryPolicy?.MaximumEventAgeInSeconds ?? DEFAULT_AGE_SECONDS) * 1000;
}
