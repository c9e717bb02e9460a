import { peer, run, type Ran } from "./peers.ts";

export interface AwsCli {
  /** Runs `aws …`; answers whatever came of it. */
  (...arguments_: readonly string[]): Promise<Ran>;
  /** Runs `aws … --output json` and answers what it printed; a non-zero exit is an error that shows what it said. */
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the operation answers
  json(...arguments_: readonly string[]): Promise<any>;
}

export interface AwsCliOptions {
  readonly endpoint: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly region?: string;
  /** Default: `aws`. */
  readonly program?: "aws" | "aws2";
}

/** AWS CLI version 1 has hosts of its own for these, whatever `AWS_ENDPOINT_URL` says; only the flag stands over them. */
const OWN_HOSTS = ["sqs", "rds", "emr", "docdb", "neptune", "health"];

/** The stock AWS CLI, pointed at an endpoint by the environment alone, as a user would. */
export function awsCli(options: AwsCliOptions): AwsCli {
  const program = peer(options.program ?? "aws") ?? "aws";
  const environment: Record<string, string> = {
    AWS_ENDPOINT_URL: options.endpoint,
    AWS_ACCESS_KEY_ID: options.accessKeyId ?? "test",
    AWS_SECRET_ACCESS_KEY: options.secretAccessKey ?? "test",
    AWS_DEFAULT_REGION: options.region ?? "us-east-1",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
    AWS_PAGER: "",
    ...(options.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: options.sessionToken }),
  };
  const cli = async (...arguments_: readonly string[]): Promise<Ran> => {
    const flag = OWN_HOSTS.includes(arguments_[0] ?? "") ? ["--endpoint-url", options.endpoint] : [];
    return await run(program, [...arguments_, ...flag], environment);
  };
  return Object.assign(cli, {
    async json(...arguments_: readonly string[]) {
      const { status, stdout, stderr } = await cli(...arguments_, "--output", "json");
      if (status !== 0) throw new Error(`aws ${arguments_.join(" ")}: exit ${status}\n${stderr}${stdout}`);
      return stdout.trim() === "" ? undefined : JSON.parse(stdout);
    },
  });
}
