import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { awsCredentials } from "./aws-credentials.ts";
import { CliError } from "./endpoint-client.ts";

const directory = mkdtempSync(join(tmpdir(), "opentrail-credentials-"));
afterAll(() => rmSync(directory, { recursive: true }));

const files = { AWS_SHARED_CREDENTIALS_FILE: join(directory, "credentials"), AWS_CONFIG_FILE: join(directory, "config") };
writeFileSync(
  files.AWS_SHARED_CREDENTIALS_FILE,
  `# a comment
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = of/default+=
[ work ]\r
aws_access_key_id=AKIAWORK\r
aws_secret_access_key=of-work\r
aws_session_token = token==\r
[half]
aws_access_key_id = AKIAHALF
`,
);
writeFileSync(
  files.AWS_CONFIG_FILE,
  `[default]
region = eu-west-1
s3 =
  max_concurrent_requests = 20
[profile work]
region=eu-central-1
[profile in  config]
aws_access_key_id = AKIACONFIG
aws_secret_access_key = of-config
[profile sso]
sso_session = x
`,
);
const environment = { AWS_ACCESS_KEY_ID: "AKIAENV", AWS_SECRET_ACCESS_KEY: "of-env" };

test.each<readonly [what: string, flag: string | undefined, variables: Readonly<Record<string, string>>, expected: unknown]>([
  ["the default profile", undefined, {}, ["AKIADEFAULT", "of/default+=", undefined, "eu-west-1"]],
  ["the environment over it", undefined, environment, ["AKIAENV", "of-env", undefined, "eu-west-1"]],
  [
    "a session, another Region",
    undefined,
    { ...environment, AWS_SESSION_TOKEN: "t", AWS_DEFAULT_REGION: "us-west-2" },
    ["AKIAENV", "of-env", "t", "us-west-2"],
  ],
  ["half an environment", undefined, { AWS_ACCESS_KEY_ID: "AKIAENV" }, ["AKIADEFAULT", "of/default+=", undefined, "eu-west-1"]],
  ["a profile by its variable", undefined, { AWS_PROFILE: "work" }, ["AKIAWORK", "of-work", "token==", "eu-central-1"]],
  [
    "the environment over that",
    undefined,
    { ...environment, AWS_PROFILE: "work" },
    ["AKIAENV", "of-env", undefined, "eu-central-1"],
  ],
  ["a profile by its flag over all", "work", environment, ["AKIAWORK", "of-work", "token==", "eu-central-1"]],
  ["a profile of the other file", "in config", { AWS_REGION: "us-east-2" }, ["AKIACONFIG", "of-config", undefined, "us-east-2"]],
])("%s", (_what, flag, variables, expected) => {
  const found = awsCredentials(flag, { ...files, ...variables });
  expect([found?.accessKeyId, found?.secretAccessKey, found?.sessionToken, found?.region]).toEqual(expected);
});

test.each(["half", "sso", "nowhere"])("profile %s has no keys", (profile) => {
  expect(() => awsCredentials(profile, files)).toThrow(CliError);
  // Who did not ask for it may not need it.
  expect(awsCredentials(undefined, { ...files, AWS_PROFILE: profile })).toBeUndefined();
});

test("no files, no credentials", () => {
  expect(awsCredentials(undefined, { AWS_SHARED_CREDENTIALS_FILE: "/nowhere", AWS_CONFIG_FILE: "/nowhere" })).toBeUndefined();
});
