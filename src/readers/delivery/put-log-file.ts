import { PutObjectCommand, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import type { PlanAddress } from "./log-plan.ts";

export interface PutSettings {
  /** Sends `bucket-owner-full-control`, which the documented bucket policy asks for. */
  readonly acl: boolean;
  /** Asks for SSE-S3 where the trail has no key. SSE-KMS is always asked for where it has one. */
  readonly encryption: boolean;
}

/** Writes one log file, or digest file (those have `metadata`), as CloudTrail does. Throws what the client throws. */
export async function putLogFile(
  client: S3Client,
  { bucket, key, kmsKeyId }: PlanAddress,
  body: Uint8Array,
  trailArn: string,
  settings: PutSettings,
  signal: AbortSignal,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  const input: PutObjectCommandInput = {
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: "application/json",
    ContentEncoding: "gzip",
    ...(settings.acl ? { ACL: "bucket-owner-full-control" } : {}),
    ...encryption(kmsKeyId, trailArn, settings),
    ...(metadata === undefined ? {} : { Metadata: { ...metadata } }),
  };
  await client.send(new PutObjectCommand(input), { abortSignal: signal });
}

function encryption(kmsKeyId: string | undefined, trailArn: string, settings: PutSettings): Partial<PutObjectCommandInput> {
  if (kmsKeyId === undefined) return settings.encryption ? { ServerSideEncryption: "AES256" } : {};
  const context = Buffer.from(JSON.stringify({ "aws:cloudtrail:arn": trailArn })).toString("base64");
  return { ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId, SSEKMSEncryptionContext: context };
}
