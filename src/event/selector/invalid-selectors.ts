import { AwsError } from "../../aws/aws-error.ts";

/** What every refusal of selectors is called. */
export function invalidSelectors(message: string): AwsError {
  return new AwsError("InvalidEventSelectorsException", message);
}
