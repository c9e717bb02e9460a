import { DescribeKeyCommand, GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import type { Trail } from "../../../account/trails/trail.ts";
import { parseArn } from "../../../aws/arn.ts";
import { AwsError } from "../../../aws/aws-error.ts";
import { partitionOf } from "../../../aws/region.ts";
import type { DestinationClients } from "../destination-clients.ts";
import { destinationErrorOf } from "../destination-error.ts";

/** What is no key's id is not told from a key of another Region, and both from one that may not be used. */
const KEY_ARN = /:(?:alias\/.+|key\/(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|mrk-[\da-f]{32}))$/i;

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
    const KeyId = KeyMetadata?.Arn ?? key;
    if (KeyMetadata?.Enabled === false) throw disabled(KeyId);
    const folder = [trail.s3KeyPrefix, "AWSLogs", trail.accountId, "CloudTrail"].filter((part) => part !== undefined).join("/");
    const EncryptionContext = {
      "aws:cloudtrail:arn": trail.arn,
      "aws:s3:arn": `arn:${partitionOf(region).id}:s3:::${trail.s3BucketName}/${folder}/`,
    };
    await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext }), { abortSignal });
    return KeyId;
  } catch (error) {
    if (error instanceof AwsError) throw error;
    const code = destinationErrorOf(error)?.code;
    // A key has to be in the bucket's Region, which is taken to be the trail's.
    const elsewhere = code === "NotFoundException" && (region !== trail.homeRegion || !KEY_ARN.test(key));
    if (elsewhere || code === "InvalidArnException" || code === "ValidationException")
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
