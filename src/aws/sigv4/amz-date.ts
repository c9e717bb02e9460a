/** `yyyyMMdd'T'HHmmss'Z'`, the time format of signatures. */
export function formatAmzDate(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

/** Epoch milliseconds; undefined for what is no such time. */
export function parseAmzDate(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** Of a `Date` header: the time format of signatures, or HTTP's (RFC 9110, 5.6.7). */
export function parseSigningDate(text: string): number | undefined {
  const time = parseAmzDate(text);
  if (time !== undefined) return time;
  if (!/^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|\+0000)$/.test(text)) return undefined;
  const httpTime = Date.parse(text);
  return Number.isNaN(httpTime) ? undefined : httpTime;
}
