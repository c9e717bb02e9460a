const QUEUE_PATH = /^\/\d{12}\/[\w-]{1,80}(?:\.fifo)?\/?$/;

/**
 * Whether a query-protocol request went to the queue itself: older SDKs (Java 1.x, for one) then leave `QueueUrl` out of the
 * form, as the SQS API allows. Source: Amazon SQS Developer Guide, "Making Query API requests" (the queue's URL is the endpoint).
 */
export function isQueuePath(path: string): boolean {
  return QUEUE_PATH.test(path);
}
