/** Sizes in bytes of UTF-8, from "CloudTrail record contents for management, data, and network activity events" and "Quotas in AWS CloudTrail". */
export const limits = {
  /** errorCode, errorMessage, requestID, userAgent: cut off beyond this. We hold every other plain string to it, too. */
  string: 1024,
  /** requestParameters, responseElements, serviceEventDetails: left out beyond this. */
  parameters: 100 * 1024,
  /** additionalEventData, edgeDeviceDetails: left out beyond this. */
  additionalEventData: 28 * 1024,
  /** The whole record. Larger ones would not reach CloudWatch Logs or EventBridge either. */
  record: 256 * 1024,
  /** AWS names no limits for these; ours keep the sum of what is never cut below the record's. */
  userIdentity: 64 * 1024,
  resources: 28 * 1024,
  tlsDetails: 8 * 1024,
} as const;

const encoder = new TextEncoder();

/** The longest beginning of `text` that fits into `maximum` bytes of UTF-8; no character is cut in two. */
export function truncateUtf8(text: string, maximum: number = limits.string): string {
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= maximum) return text;
  const target = new Uint8Array(maximum);
  const { read } = encoder.encodeInto(text, target);
  return read < text.length ? text.slice(0, read) : text;
}
