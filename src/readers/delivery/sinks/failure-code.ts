import { destinationErrorOf } from "../destination-error.ts";
import { DestinationRefused } from "./sink-destination.ts";

/**
 * What the destination called its refusal, as GetTrailStatus shows it. Undefined where nobody answered: time-outs and broken
 * connections leave no error there.
 */
export function failureCode(error: unknown): string | undefined {
  return error instanceof DestinationRefused ? error.code : destinationErrorOf(error)?.code;
}
