import { DescribeKeyCommand, GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import type { Trail } from "../../../account/trails/trail.ts";
import { parseArn } from "../../../aws/arn.ts";
import { AwsError } from "../../../aws/aws-error.ts";
import { partitionOf } from "../../../aws/region.ts";
import type { DestinationClients } from "../destination-clients.ts";
import { destinationErrorOf } from "../destination-error.ts";

/**
 * Makes a data key for the trail and drops it. Gives the ARN of the key that `key` names, by alias or otherwise. Throws
 * `InsufficientEncryptionPolicyException`, `KmsKeyNotFoundException`, `KmsException`.
 */
export async function checkKey(
  trail: Trail,
  key: string,
  clients: DestinationClients,
  abortSignal: AbortSignal,
): Promise<string> {
  const region = parseArn(key)?.region ?? trail.homeRegion;
  const kms = clients.kms({ accountId: trail.accountId, region });
  try {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key }), { abortSignal });
    if (KeyMetadata?.Enabled === false) throw disabled(KeyMetadata.Arn ?? key);
    const folder = [trail.s3KeyPrefix, "AWSLogs", trail.accountId, "CloudTrail"].filter((part) => part !== undefined).join("/");
    const EncryptionContext = {
      "aws:cloudtrail:arn": trail.arn,
      "aws:s3:arn": `arn:${partitionOf(region).id}:s3:::${trail.s3BucketName}/${folder}/`,
    };
    await kms.send(new GenerateDataKeyCommand({ KeyId: key, KeySpec: "AES_256", EncryptionContext }), { abortSignal });
    return KeyMetadata?.Arn ?? key;
  } catch (error) {
    if (error instanceof AwsError) throw error;
    const code = destinationErrorOf(error)?.code;
    // A key has to be in the bucket's Region, which is taken to be the trail's.
    if (code === "InvalidArnException" || code === "ValidationException" || region !== trail.homeRegion)
      throw new AwsError("KmsKeyNotFoundException", `KMS key ${key} could not be found.`);
    if (code === "DisabledException" || code === "KMSInvalidStateException") throw disabled(key);
    throw new AwsError(
      "InsufficientEncryptionPolicyException",
      `Insufficient permissions to access S3 bucket ${trail.s3BucketName} or KMS key ${key}.`,
    );
  }
}

function disabled(key: string): AwsError {
  return new AwsError("KmsException", `KMS key is disabled: ${key}`);
}
