import { CliError } from "../endpoint-client.ts";
import { describeError, readAnswer, type SignedHttp } from "./signed-http.ts";

/** A trail as DescribeTrails shows it. */
export interface TrailPlace {
  readonly bucket: string;
  readonly prefix: string | undefined;
  readonly isOrganizationTrail: boolean;
}

/** Of GetTrailStatus: times are epoch seconds. */
export interface LoggingState {
  readonly isLogging: boolean;
  readonly startedAt: number | undefined;
  readonly stoppedAt: number | undefined;
}

const ANSWER_BYTES = 16 * 1024 * 1024;

/** What CloudTrail, and Organizations, say of a trail. */
export class TrailSource {
  readonly #http: SignedHttp;
  readonly #endpoint: string;
  readonly #region: string;

  constructor(http: SignedHttp, endpoint: string, region: string) {
    this.#http = http;
    this.#endpoint = endpoint;
    this.#region = region;
  }

  /** Throws `CliError` where there is no such trail. */
  async trail(arn: string): Promise<TrailPlace> {
    const { trailList } = await this.#call("cloudtrail", "CloudTrail_20131101.DescribeTrails", {});
    const trails: readonly unknown[] = Array.isArray(trailList) ? trailList : [];
    for (const one of trails) {
      const trail = membersOf(one);
      const { S3BucketName: bucket, S3KeyPrefix: prefix } = trail;
      if (trail["TrailARN"] !== arn || typeof bucket !== "string") continue;
      return {
        bucket,
        prefix: typeof prefix === "string" && prefix !== "" ? prefix : undefined,
        isOrganizationTrail: trail["IsOrganizationTrail"] === true,
      };
    }
    throw new CliError(`A trail could not be found for ${arn}`);
  }

  /** Whether the trail has digests to expect; undefined where CloudTrail does not say. */
  async logging(arn: string): Promise<LoggingState | undefined> {
    try {
      const name = { Name: arn };
      const [status, { Trail: trail }] = await Promise.all([
        this.#call("cloudtrail", "CloudTrail_20131101.GetTrailStatus", name),
        this.#call("cloudtrail", "CloudTrail_20131101.GetTrail", name),
      ]);
      if (membersOf(trail)["LogFileValidationEnabled"] !== true) return undefined;
      const time = (name: string): number | undefined => {
        const value = status[name];
        return typeof value === "number" ? value : undefined;
      };
      const isLogging = status["IsLogging"] === true;
      return { isLogging, startedAt: time("StartLoggingTime"), stoppedAt: time("StopLoggingTime") };
    } catch (error) {
      if (error instanceof CliError) return undefined;
      throw error;
    }
  }

  async organizationId(): Promise<string> {
    const { Organization: organization } = await this.#call(
      "organizations",
      "AWSOrganizationsV20161128.DescribeOrganization",
      {},
    );
    const id = membersOf(organization)["Id"];
    if (typeof id === "string" && /^o-[a-z0-9]{10,32}$/.test(id)) return id;
    throw new CliError("DescribeOrganization names no organization.");
  }

  /** Base64 of PKCS #1 by fingerprint; times are epoch seconds. */
  async publicKeys(from: number, to: number): Promise<ReadonlyMap<string, string>> {
    const times = { StartTime: from, EndTime: to };
    const { PublicKeyList: list } = await this.#call("cloudtrail", "CloudTrail_20131101.ListPublicKeys", times);
    const keys = new Map<string, string>();
    for (const one of Array.isArray(list) ? (list as readonly unknown[]) : []) {
      const { Value: value, Fingerprint: fingerprint } = membersOf(one);
      if (typeof value === "string" && typeof fingerprint === "string") keys.set(fingerprint, value);
    }
    return keys;
  }

  async #call(service: string, target: string, input: object): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.#http.send({
      method: "POST",
      endpoint: this.#endpoint,
      path: "/",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target },
      body: Buffer.from(JSON.stringify(input)),
      service,
      region: this.#region,
    });
    if (answer.statusCode !== 200) {
      const { code, message } = await describeError(answer);
      throw new CliError(`${target.split(".")[1]} at ${this.#endpoint}: ${code}: ${message}`);
    }
    try {
      return membersOf(JSON.parse((await readAnswer(answer, ANSWER_BYTES)).toString()));
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw new CliError(`${this.#endpoint} does not answer ${target} with JSON.`);
    }
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
