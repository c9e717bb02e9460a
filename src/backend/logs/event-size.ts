/** What an event counts beside its message's octets ("PutLogEvents", CloudWatch Logs API Reference). */
export const EVENT_OVERHEAD = 26;

export function eventSize(message: string): number {
  return Buffer.byteLength(message) + EVENT_OVERHEAD;
}
