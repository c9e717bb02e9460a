import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { Clock } from "../../base/clock.ts";
import { awsCredentials } from "./aws-credentials.ts";
import { CliError, type HeadersFor } from "./endpoint-client.ts";
import { signGet } from "./sign-get.ts";

/** Flags of a command that asks an endpoint. */
export interface AccessFlags {
  readonly profile?: string;
  readonly tokenFile?: string;
}

export function addAccessFlags(command: Command): Command {
  return command
    .option("--profile <name>", "sign with the keys of this profile (default: AWS_PROFILE, then AWS_ACCESS_KEY_ID …)")
    .option("--token-file <file>", "show the operator's token that stands in this file (default: OPENTRAIL_TOKEN_FILE)");
}

/**
 * How a client command says who asks: with the operator's token, with AWS credentials, or not at all. An endpoint that believes
 * everybody looks at none of it. Throws `CliError`.
 */
export function clientAccess(
  { profile, tokenFile }: AccessFlags,
  environment: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): HeadersFor {
  const file = tokenFile ?? (profile === undefined ? environment["OPENTRAIL_TOKEN_FILE"] || undefined : undefined);
  if (file !== undefined) {
    const token = readToken(file);
    return () => ({ authorization: `Bearer ${token}` });
  }
  const credentials = awsCredentials(profile, environment);
  return (url) => (credentials === undefined ? {} : signGet(url, credentials, clock.now()));
}

function readToken(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new CliError(`Cannot read the operator's token: ${(error as Error).message}`);
  }
  if (!/^[\w.~+/=-]+$/.test(text)) throw new CliError(`${file} does not hold a token.`);
  return text;
}
