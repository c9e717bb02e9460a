import { remembered } from "../base/remembered.ts";

/** The six parts of `arn:partition:service:region:account:resource`. Region and account are "" where the ARN has none; an account has
 * twelve digits at AWS, and any form elsewhere (Ceph: `RGW` and digits). */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  /** Everything after the fifth colon, colons and slashes included. */
  readonly resource: string;
}

/** AWS accepts ARNs of up to 2,048 characters where it gives a limit. */
const MAXIMUM_LENGTH = 2048;
const ARN = /^arn:(aws[a-z-]*):([a-z0-9-]*):([A-Za-z0-9-]*):([\w$.-]{0,128}):([^\s]+)$/;

/** Undefined for whatever is not an ARN: never throws. */
export const parseArn: (text: string) => Arn | undefined = remembered((text) => {
  if (text.length > MAXIMUM_LENGTH) return undefined;
  const match = ARN.exec(text);
  if (match === null) return undefined;
  const [, partition = "", service = "", region = "", accountId = "", resource = ""] = match;
  return { partition, service, region, accountId, resource };
});

export function formatArn(arn: Arn): string {
  return `arn:${arn.partition}:${arn.service}:${arn.region}:${arn.accountId}:${arn.resource}`;
}
