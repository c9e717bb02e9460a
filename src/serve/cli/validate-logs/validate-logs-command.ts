import type { Command } from "commander";
import { type AwsCredentials, awsCredentials } from "../aws-credentials.ts";
import { CliError } from "../endpoint-client.ts";
import { parseTime } from "../event-filter.ts";
import { printable } from "../printable.ts";
import type { Terminal } from "../terminal.ts";
import { BucketReader } from "./bucket-reader.ts";
import { type Checkpoint, CheckpointStore } from "./checkpoint.ts";
import { displayTime } from "./digest-walk.ts";
import { SignedHttp } from "./signed-http.ts";
import { DigestReader } from "./signed-digest.ts";
import { TrailSource } from "./trail-source.ts";
import { Validation } from "./validation.ts";
import { ValidationReport } from "./validation-report.ts";

interface Flags {
  readonly trailArn: string;
  readonly startTime: string;
  readonly endTime?: string;
  readonly s3Bucket?: string;
  readonly s3Prefix?: string;
  readonly accountId?: string;
  readonly verbose?: true;
  readonly checkpoint?: string;
  readonly ignoreUnnamed?: true;
  readonly parallel: string;
  readonly endpointUrl?: string;
  readonly endpoint?: string;
  readonly s3EndpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly json?: true;
}

const DEFAULT_ENDPOINT = "http://127.0.0.1:4580";
/** Results that wait for their turn, for each file that is read at the moment. */
const AHEAD = 4;
/** Keys are asked for up to so long after the end: a digest is signed after the time that it is about. */
const KEYS_AFTER = 2 * 3600;

/** `opentrail validate-logs`: whether a trail's files are what was delivered. */
export function addValidateLogsCommand(program: Command, terminal: Terminal): void {
  program
    .command("validate-logs")
    .description("prove by digest files that log files are as they were delivered; exits 0 when valid, 1 when not")
    .requiredOption("--trail-arn <arn>", "ARN of the trail")
    .requiredOption("--start-time <time>", "log files delivered from then on: ISO 8601, epoch seconds, or an age such as 7d")
    .option("--end-time <time>", "log files delivered until then (default: now)")
    .option("--s3-bucket <bucket>", "where the digest files are (default: the trail's bucket)")
    .option("--s3-prefix <prefix>", "the prefix of their keys (default: the trail's)")
    .option("--account-id <id>", "the member whose files are checked, for an organization's trail")
    .option("--verbose", "name valid files too")
    .option(
      "--checkpoint <place>",
      "FILE or s3://BUCKET/KEY that keeps the newest digests for the next check, which then sees whether they were removed",
    )
    .option("--ignore-unnamed", "do not look for log files that no digest file names")
    .option("--parallel <count>", "files that are read at a time", "64")
    .option("--endpoint-url <url>", "where CloudTrail and S3 are (default: AWS_ENDPOINT_URL, then http://127.0.0.1:4580)")
    .option("--endpoint <url>", "the same")
    .option("--s3-endpoint-url <url>", "where S3 is, if elsewhere (default: AWS_ENDPOINT_URL_S3)")
    .option("--region <name>", "the Region whose log files are checked (default: AWS_REGION, the profile's)")
    .option("--profile <name>", "sign with the keys of this profile (default: AWS_PROFILE, then AWS_ACCESS_KEY_ID …)")
    .option("--json", "one JSON object a line: what is not valid (with --verbose all files), and a summary")
    .action(async (flags: Flags) => {
      process.exitCode = await validateLogs(flags, terminal);
    });
}

async function validateLogs(flags: Flags, terminal: Terminal): Promise<number> {
  const { environment, clock } = terminal;
  const [, trailRegion, trailAccount, trailName] =
    /^arn:[^:]+:cloudtrail:([^:]+):(\d{12}):trail\/([A-Za-z0-9._-]{3,128})$/.exec(flags.trailArn) ?? [];
  if (trailRegion === undefined || trailAccount === undefined || trailName === undefined) {
    throw new CliError(`Invalid trail ARN provided: ${flags.trailArn}`);
  }
  const now = Math.floor(clock.now() / 1000);
  const asked = { start: parseTime(flags.startTime, clock.now()), end: parseTime(flags.endTime ?? String(now), clock.now()) };
  if (asked.start > asked.end) throw new CliError("Invalid time range specified: start-time must occur before end-time");
  const parallel = Number(flags.parallel);
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 256)
    throw new CliError("--parallel takes a number from 1 to 256");

  const endpoint = urlOf(flags.endpointUrl ?? flags.endpoint ?? (environment["AWS_ENDPOINT_URL"] || DEFAULT_ENDPOINT));
  const s3Endpoint = urlOf(flags.s3EndpointUrl ?? (environment["AWS_ENDPOINT_URL_S3"] || endpoint));
  const credentials = await credentialsOf(flags.profile, environment);
  const region = flags.region ?? credentials.region;
  const http = new SignedHttp({ credentials, clock, connections: parallel });
  try {
    const source = new TrailSource(http, endpoint, region);
    const objects = new BucketReader(http, s3Endpoint, region);
    const store = flags.checkpoint === undefined ? undefined : new CheckpointStore(flags.checkpoint, objects);
    const { bucket, prefix, organizationId, accountId } = await findFiles(flags, trailAccount, source);
    const before = await store?.read();
    if (before !== undefined) checkSame(before, { trailArn: flags.trailArn, accountId, region });

    const digests = new DigestReader(objects, source, trailRegion);
    const place = { prefix, organizationId, account: accountId, region, trailName, homeRegion: trailRegion };
    const keysTo = asked.end + KEYS_AFTER;
    const [logging, keyCount] = await Promise.all([source.logging(flags.trailArn), digests.loadKeys(asked.start, keysTo)]);
    const report = new ValidationReport(terminal, { verbose: flags.verbose === true, json: flags.json === true });
    report.begin(flags.trailArn, asked);
    if (keyCount === 0) throw new CliError(`No public keys found between ${displayTime(asked.start)} and ${displayTime(keysTo)}`);
    const validation = new Validation({
      objects,
      digests,
      place,
      bucket,
      ...asked,
      logging,
      always: region === trailRegion && accountId === trailAccount,
      now,
      before,
      parallel: parallel * AHEAD,
      unnamed: flags.ignoreUnnamed !== true,
    });
    for await (const finding of validation.findings()) report.add(finding);
    const status = report.end(asked, validation.found());
    // What is wrong must not become what the next check takes for right.
    if (status === 0) await store?.write({ trailArn: flags.trailArn, accountId, region, heads: validation.heads() });
    return status;
  } catch (error) {
    // Stores name their objects and errors as they like.
    throw error instanceof CliError ? new CliError(printable(error.message)) : error;
  } finally {
    http.close();
  }
}

interface Files {
  readonly bucket: string;
  readonly prefix: string | undefined;
  readonly organizationId: string | undefined;
  readonly accountId: string;
}

async function findFiles(flags: Flags, trailAccount: string, source: TrailSource): Promise<Files> {
  const { accountId = trailAccount, s3Bucket, s3Prefix } = flags;
  if (!/^\d{12}$/.test(accountId)) throw new CliError("--account-id takes twelve digits");
  if (s3Bucket !== undefined) return { bucket: s3Bucket, prefix: s3Prefix, organizationId: undefined, accountId };
  const { bucket, prefix, isOrganizationTrail } = await source.trail(flags.trailArn);
  if (!isOrganizationTrail) return { bucket, prefix, organizationId: undefined, accountId };
  if (flags.accountId === undefined) {
    throw new CliError("Missing required parameter for organization trail: '--account-id'");
  }
  return { bucket, prefix, organizationId: await source.organizationId(), accountId };
}

function checkSame(before: Checkpoint, now: Pick<Checkpoint, "trailArn" | "accountId" | "region">): void {
  for (const name of ["trailArn", "accountId", "region"] as const) {
    if (before[name] !== now[name]) throw new CliError(`The checkpoint is of another ${name}: ${before[name]}`);
  }
}

/** Profiles that have to ask for their keys (SSO, roles, processes) do so by AWS's own chain. */
async function credentialsOf(profile: string | undefined, environment: Terminal["environment"]): Promise<AwsCredentials> {
  let found: AwsCredentials | undefined;
  let reason: unknown;
  try {
    found = awsCredentials(profile, environment);
  } catch (error) {
    reason = error;
  }
  if (found !== undefined) return found;
  const { S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client(profile === undefined ? {} : { profile });
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
    const region = await client.config.region().catch(() => "us-east-1");
    return { accessKeyId, secretAccessKey, region, ...(sessionToken === undefined ? {} : { sessionToken }) };
  } catch {
    throw reason instanceof CliError
      ? reason
      : new CliError(
          "Unable to locate credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile.",
        );
  }
}

function urlOf(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text.replace(/\/+$/, "");
  throw new CliError(`"${text}" is not a URL; give --endpoint-url http://HOST:PORT`);
}
