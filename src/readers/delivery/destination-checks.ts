import type { Trail } from "../../account/trails/trail.ts";

/**
 * What CloudTrail tries at a trail's destinations before it takes them. Throws `AwsError` with AWS's code and text, and
 * leaves what AWS leaves: the marker object, the validation message, the log stream.
 */
export interface DestinationChecks {
  /**
   * Tries those destinations of `trail` that `before` does not have in the same form; all of them without `before`. Resolves
   * with the trail as it is to be kept: its KMS key by the ARN of the key, whatever it was named by.
   */
  check(trail: Trail, before: Trail | undefined, signal: AbortSignal): Promise<Trail>;
}
