import { Command } from "commander";
import { ACCOUNT, ARN, T0, type TrailBucket } from "./trail-bucket.test-support.ts";
import { addValidateLogsCommand } from "./validate-logs-command.ts";

export interface Ran {
  readonly status: number;
  readonly out: string;
  /** What is wrong, a line each. */
  readonly problems: readonly string[];
}

/** `opentrail validate-logs` on the bucket's trail, from two hours before it began. */
export async function runValidation(bucket: TrailBucket, flags: readonly string[]): Promise<Ran> {
  const [printed, noted]: [string[], string[]] = [[], []];
  const program = new Command().exitOverride();
  addValidateLogsCommand(program, {
    print: (line) => void printed.push(line),
    note: (line) => void noted.push(line.trim()),
    environment: { AWS_ENDPOINT_URL: bucket.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", AWS_REGION: "us-east-1" },
    clock: { now: () => bucket.now },
  });
  const range = ["--start-time", String(T0 / 1000 - 7200)];
  await program.parseAsync(["validate-logs", "--trail-arn", ARN, ...range, ...flags], { from: "user" });
  return { status: Number(process.exitCode), out: printed.join("\n"), problems: noted.map(shortened) };
}

/** Keys without what is the same in all. */
function shortened(line: string): string {
  return line
    .replaceAll(/AWSLogs\/\d+\/CloudTrail(-Digest)?\/us-east-1\/\d{4}\/\d\d\/\d\d\//g, "")
    .replaceAll(`${ACCOUNT}_CloudTrail-Digest_us-east-1_audit_us-east-1_20260310`, "")
    .replaceAll(/\d{12}_CloudTrail_us-east-1_\d{8}T\d{4}Z_0*(\d)/g, "log-$1")
    .replaceAll("\t", " ");
}
