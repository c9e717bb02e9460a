import { execFile, type ExecFileException } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

/** Where `.ci/run` puts other people's programs; else they are looked for on PATH. */
const PEERS = resolve(import.meta.dirname, "../../.peers/bin");
const JARS = resolve(import.meta.dirname, "../../.peers/java");

/** Path of a peer program, or undefined. With `OPENTRAIL_PEERS=required` a missing one is an error: nothing may be skipped. */
export function peer(name: string): string | undefined {
  const found = [PEERS, ...(process.env["PATH"] ?? "").split(delimiter)]
    .map((directory) => join(directory, name))
    .find(existsSync);
  if (found === undefined) missing(`${name} is not installed; .ci/run installs it (test/acceptance/requirements.txt)`);
  return found;
}

/** The class path on which `.ci/run` put a Java library with all it needs, or undefined; missing is as with `peer`. */
export function javaLibrary(name: string, pom: string): string | undefined {
  const found = existsSync(JARS) && readdirSync(JARS).some((jar) => jar.startsWith(`${name}-`) && jar.endsWith(".jar"));
  if (!found) missing(`${name} is not there; .ci/run fetches it to .peers/java (${pom})`);
  return found ? join(JARS, "*") : undefined;
}

function missing(hint: string): void {
  if (process.env["OPENTRAIL_PEERS"] === "required") throw new Error(hint);
  process.stderr.write(`skipped: ${hint}\n`);
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Its own AWS settings are shut out: only what `environment` says counts. */
export async function run(
  program: string,
  arguments_: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ran> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
  return await new Promise((done) => {
    execFile(
      program,
      [...arguments_],
      { env: { ...clean, ...environment }, maxBuffer: 64 * 1024 * 1024, timeout: 120_000 },
      (error: ExecFileException | null, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        done({ status, stdout, stderr });
      },
    );
  });
}
