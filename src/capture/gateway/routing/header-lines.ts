/** Lower-case names; repeated lines joined with ", ", as RFC 9110 (5.3) allows. */
export function joinHeaders(lines: readonly string[]): Map<string, string> {
  const joined = new Map<string, string>();
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const name = (lines[i] ?? "").toLowerCase();
    const value = lines[i + 1] ?? "";
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return joined;
}

/** Lines that concern one connection only (RFC 9110, 7.6.1), and those with which HTTP/1 frames a message. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The lines that go on to the next hop, unchanged and in order; those that `Connection` names stay behind too. */
export function endToEndLines(lines: readonly string[]): string[] {
  const dropped = new Set(hopByHop);
  for (let i = 0; i + 1 < lines.length; i += 2) {
    if (lines[i]?.toLowerCase() !== "connection") continue;
    for (const option of (lines[i + 1] ?? "").split(",")) {
      const name = option.trim().toLowerCase();
      // A sender that lists these would strip what the message needs to be understood; no honest one does.
      if (name !== "host" && name !== "content-length" && name !== "authorization" && !name.startsWith("x-amz-"))
        dropped.add(name);
    }
  }
  const kept: string[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const name = lines[i] ?? "";
    if (!dropped.has(name.toLowerCase())) kept.push(name, lines[i + 1] ?? "");
  }
  return kept;
}
