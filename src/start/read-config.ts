import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as yaml from "yaml";
import type { z } from "zod";
import { type Config, configSchema } from "./config.ts";
import { StartError } from "./start-error.ts";

/** What the command line says; everything is optional. */
export interface ServeFlags {
  readonly config?: string;
  readonly listen?: string;
  readonly dataDir?: string;
  readonly accountId?: string;
  readonly region?: string;
  readonly upstream?: readonly string[];
  readonly historyDataEvents?: boolean;
  readonly captureProcesses?: string;
  readonly logLevel?: string;
}

/** A setting is wrong. The message has a line for each, with the path of what is wrong and where it was said. */
export class ConfigError extends StartError {
  override name = "ConfigError";
}

type Raw = Record<string, unknown>;

/**
 * Settings from flags over environment (`OPENTRAIL_*`) over file (`--config`, else `OPENTRAIL_CONFIG`, else none),
 * validated and frozen.
 */
export function readConfig(flags: ServeFlags, environment: Readonly<Record<string, string | undefined>>): Config {
  const path = flags.config ?? environment["OPENTRAIL_CONFIG"];
  const raw: Raw = path === undefined ? {} : readFile(path);
  overlay(raw, fromEnvironment(environment));
  overlay(raw, fromFlags(flags));

  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${pathOf(issue.path)}: ${issue.message}`);
    throw new ConfigError(["These settings are wrong:", ...lines].join("\n"));
  }
  return deepFreeze(parsed.data);
}

function readFile(path: string): Raw {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`Cannot read the config file ${path}: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}`);
  }
  // Not imported: who has no such file need not keep 72 modules in memory.
  const { parse } = createRequire(import.meta.url)("yaml") as typeof yaml;
  let raw: unknown;
  try {
    raw = parse(text, { maxAliasCount: 32 }) ?? {};
  } catch (error) {
    throw new ConfigError(`${path} is not YAML: ${(error as Error).message}`);
  }
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    throw new ConfigError(`${path} must hold settings, one a line`);
  return raw as Raw;
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Raw {
  return fromFlags({
    ...pick("listen", environment["OPENTRAIL_LISTEN"]),
    ...pick("dataDir", environment["OPENTRAIL_DATA_DIR"]),
    ...pick("accountId", environment["OPENTRAIL_ACCOUNT_ID"]),
    ...pick("region", environment["OPENTRAIL_REGION"]),
    ...pick("logLevel", environment["OPENTRAIL_LOG_LEVEL"]),
    ...pick("captureProcesses", environment["OPENTRAIL_CAPTURE_PROCESSES"]),
    ...pick("upstream", environment["OPENTRAIL_UPSTREAM"]?.split(/[\s,]+/).filter(Boolean)),
    ...pick("historyDataEvents", switchOf("OPENTRAIL_HISTORY_DATA_EVENTS", environment["OPENTRAIL_HISTORY_DATA_EVENTS"])),
  });
}

function switchOf(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined || text === "") return undefined;
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new ConfigError(`${name} must be true or false, not "${text}"`);
}

function fromFlags(flags: ServeFlags): Raw {
  return {
    ...pick("listen", flags.listen),
    ...pick("dataDir", flags.dataDir),
    ...pick("accountId", flags.accountId),
    ...pick("region", flags.region),
    ...pick("upstreams", flags.upstream === undefined ? undefined : upstreamsOf(flags.upstream)),
    ...pick("history", flags.historyDataEvents === undefined ? undefined : { dataEvents: flags.historyDataEvents }),
    ...pick("capture", flags.captureProcesses === undefined ? undefined : { processes: flags.captureProcesses }),
    ...pick("log", flags.logLevel === undefined ? undefined : { level: flags.logLevel }),
  };
}

/** `URL` is the default upstream, `SERVICE=URL` one service's. */
function upstreamsOf(arguments_: readonly string[]): Raw {
  const upstreams: Raw = {};
  for (const text of arguments_) {
    const service = /^([a-z0-9-]+)=(.*)$/.exec(text);
    upstreams[service?.[1] ?? "default"] = service?.[2] ?? text;
  }
  return upstreams;
}

function pick<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]: Value });
}

/** Settings of `over` replace those of `base`, group by group. */
function overlay(base: Raw, over: Raw): void {
  for (const [name, value] of Object.entries(over)) {
    const old = base[name];
    base[name] = isGroup(old) && isGroup(value) ? { ...old, ...value } : value;
  }
}

function isGroup(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pathOf(path: z.core.$ZodIssue["path"]): string {
  return path.length === 0
    ? "(file)"
    : path
        .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
        .join("")
        .slice(1);
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
