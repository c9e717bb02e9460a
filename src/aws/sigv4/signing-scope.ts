/** Where and when a signature holds. */
export interface SigningScope {
  /** `yyyyMMdd` */
  readonly date: string;
  /** Undefined for SigV4A, whose signatures hold in the regions of `X-Amz-Region-Set`. */
  readonly region: string | undefined;
  /** Signing name. */
  readonly service: string;
}

/** What closes a scope. */
export const SCOPE_END = "aws4_request";

/** `20260302/eu-west-1/s3/aws4_request` */
export function scopeText({ date, region, service }: SigningScope): string {
  return region === undefined ? `${date}/${service}/${SCOPE_END}` : `${date}/${region}/${service}/${SCOPE_END}`;
}
