import { AwsError } from "../../aws/aws-error.ts";
import type { Input } from "./input.ts";

/**
 * The trail that a call names which may name an event data store instead, for there are no event data stores yet. Throws
 * `InvalidParameterCombinationException`, `InvalidParameterException`, `EventDataStoreNotFoundException`,
 * `EventDataStoreARNInvalidException`.
 */
export function configuredTrail(input: Input): string {
  const [trail, store] = [input.text("TrailName"), input.text("EventDataStore")];
  if (trail !== undefined && store !== undefined)
    throw new AwsError("InvalidParameterCombinationException", "Specify either TrailName or EventDataStore, not both.");
  if (store !== undefined) {
    // An ARN or its last part.
    if (/^(?:arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:\d{12}:eventdatastore\/)?[A-Za-z0-9-]{3,128}$/.test(store))
      throw new AwsError("EventDataStoreNotFoundException", `Event data store not found: ${store}`);
    throw new AwsError("EventDataStoreARNInvalidException", `Invalid event data store ARN: ${store}`);
  }
  if (trail === undefined) throw new AwsError("InvalidParameterException", "Specify TrailName or EventDataStore.");
  return trail;
}
