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
  let named: Set<string> | undefined;
  for (let i = 0; i + 1 < lines.length; i += 2) {
    if (lines[i]?.length === 10 && lines[i]?.toLowerCase() === "connection") named = withNamed(lines[i + 1] ?? "", named);
  }
  const kept: string[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const name = lines[i] ?? "";
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower) && named?.has(lower) !== true) kept.push(name, lines[i + 1] ?? "");
  }
  return kept;
}

function withNamed(connection: string, before: Set<string> | undefined): Set<string> | undefined {
  let named = before;
  for (const option of connection.split(",")) {
    const name = option.trim().toLowerCase();
    if (name === "keep-alive" || name === "close") continue;
    // A sender that lists these would strip what the message needs to be understood; no honest one does.
    if (name !== "host" && name !== "content-length" && name !== "authorization" && !name.startsWith("x-amz-"))
      named = (named ?? new Set()).add(name);
  }
  return named;
}
