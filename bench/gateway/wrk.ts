import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What wrk sends, again and again. */
export interface Request {
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** In place of `body`: so many octets. */
  readonly bodyBytes?: number;
}

export interface Load {
  readonly perSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers that were not 2xx, and connections that failed. */
  readonly errors: number;
}

/** Writes the request as a script for wrk; its path. */
export function writeScript(directory: string, request: Request): string {
  const body = request.bodyBytes === undefined ? lua(request.body ?? "") : `string.rep("x", ${request.bodyBytes})`;
  const file = join(directory, `${request.name.replaceAll(/\W+/g, "-")}.lua`);
  writeFileSync(
    file,
    `wrk.method = ${lua(request.method)}
wrk.path = ${lua(request.path)}
wrk.body = ${body}
${Object.entries(request.headers)
  .map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`)
  .join("\n")}
done = function(summary, latency, requests)
  local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("RESULT %d %d %f %f %d\\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors))
end
`,
  );
  return file;
}

/** Runs one load. wrk counts a request when its answer is whole. */
export async function load(script: string, port: number, connections: number, seconds: number): Promise<Load> {
  const { stdout } = await run("wrk", [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--latency",
    "--timeout",
    "30s",
    "-s",
    script,
    `http://127.0.0.1:${port}`,
  ]);
  const found = /RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)/.exec(stdout);
  if (found === null) throw new Error(`wrk said: ${stdout}`);
  const [requests = 0, duration = 1, p50 = 0, p99 = 0, errors = 0] = found.slice(1).map(Number);
  return { perSecond: requests / (duration / 1e6), p50, p99, errors };
}

function lua(text: string): string {
  return JSON.stringify(text);
}
