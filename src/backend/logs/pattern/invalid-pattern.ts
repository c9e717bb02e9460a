import { AwsError } from "../../../aws/aws-error.ts";

/** What AWS says of a filter pattern that it cannot read. */
export function invalidPattern(message = "Invalid metric filter pattern"): AwsError {
  return new AwsError("InvalidParameterException", message, 400);
}
