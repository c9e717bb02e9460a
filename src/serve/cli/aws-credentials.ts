import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CliError } from "./endpoint-client.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Of the credential scope. */
  readonly region: string;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Section = ReadonlyMap<string, string>;

const DEFAULT_REGION = "us-east-1";

/**
 * The credentials that the AWS CLI would take, as far as they stand somewhere: the profile of the flag, the environment, the
 * profile of `AWS_PROFILE`, the default profile, in this order. Undefined where there are none: profiles that have to ask for
 * theirs (SSO, roles, processes) have none here. Throws `CliError` where the flag names such a profile.
 */
export function awsCredentials(profileFlag: string | undefined, environment: Environment): AwsCredentials | undefined {
  const set = (name: string): string | undefined => environment[name] || undefined;
  const shared = sectionsOf(set("AWS_SHARED_CREDENTIALS_FILE") ?? join(homedir(), ".aws", "credentials"));
  const config = sectionsOf(set("AWS_CONFIG_FILE") ?? join(homedir(), ".aws", "config"));
  const profile = profileFlag ?? set("AWS_PROFILE") ?? "default";
  const inConfig = config.get(profile === "default" ? profile : `profile ${profile}`);
  const region = set("AWS_REGION") ?? set("AWS_DEFAULT_REGION") ?? inConfig?.get("region") ?? DEFAULT_REGION;

  const [accessKeyId, secretAccessKey] = [set("AWS_ACCESS_KEY_ID"), set("AWS_SECRET_ACCESS_KEY")];
  if (profileFlag === undefined && accessKeyId !== undefined && secretAccessKey !== undefined) {
    const sessionToken = set("AWS_SESSION_TOKEN");
    return { accessKeyId, secretAccessKey, region, ...(sessionToken === undefined ? {} : { sessionToken }) };
  }
  const found = credentialsIn(shared.get(profile), region) ?? credentialsIn(inConfig, region);
  if (found === undefined && profileFlag !== undefined) {
    throw new CliError(
      `Profile "${profile}" has no aws_access_key_id and aws_secret_access_key. "aws configure export-credentials --format env" gives those of other kinds of profile.`,
    );
  }
  return found;
}

function credentialsIn(section: Section | undefined, region: string): AwsCredentials | undefined {
  const [accessKeyId, secretAccessKey] = [section?.get("aws_access_key_id"), section?.get("aws_secret_access_key")];
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  const sessionToken = section?.get("aws_session_token");
  return { accessKeyId, secretAccessKey, region, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

/** The sections of one of AWS's shared files; none where there is no file. */
function sectionsOf(path: string): ReadonlyMap<string, Section> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return new Map();
  }
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const title = /^\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (title !== undefined) {
      const name = title.replace(/\s+/g, " ");
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
      continue;
    }
    // Lines that begin with white space are settings of a setting; a comment begins with # or ;.
    const setting = /^([A-Za-z0-9_]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (setting?.[1] !== undefined && setting[2] !== undefined && setting[2] !== "") section?.set(setting[1], setting[2]);
  }
  return sections;
}
