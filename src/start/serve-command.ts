import type { Command } from "commander";
import { createLogger } from "../base/logger.ts";
import { JournalCorrupt, JournalUnavailable } from "../journal/journal.ts";
import type { Terminal } from "../serve/cli/terminal.ts";
import type { Config } from "./config.ts";
import { ConfigError, readConfig, type ServeFlags } from "./read-config.ts";

/** `opentrail serve`: the endpoint, until it is told to stop. */
export function addServeCommand(program: Command, terminal: Terminal): void {
  program
    .command("serve")
    .description("serve the recording endpoint until interrupted")
    .option("--listen <host:port>", "address to serve (default: 127.0.0.1:4580)")
    .option("--data-dir <dir>", "where everything is kept (default: ./opentrail-data)")
    .option("--upstream <[service=]url>", "backend to forward to, or one service's; may be repeated", collect)
    .option("--account-id <id>", "account of callers that nothing else identifies")
    .option("--region <name>", "region of calls that are not signed for one")
    .option("--history-data-events", "keep data events in event history too")
    .option("--config <file>", "settings as YAML; see docs/settings.md")
    .option("--log-level <level>", "debug, info, warn or error")
    .action(async (flags: ServeFlags) => {
      await serve(flags, terminal);
    });
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

async function serve(flags: ServeFlags, terminal: Terminal): Promise<void> {
  const config = readConfig(flags, terminal.environment);
  const logger = createLogger(config.log.level);
  const stopped = stopSignal();
  // The client commands start faster without the server's modules.
  const { compose } = await import("./compose.ts");
  const running = await compose(config, logger).catch((error: unknown) => {
    throw asStartError(error, config);
  });
  terminal.print(`OpenTrail is ready at ${running.url} (${running.backend}; data in ${config.dataDir})`);
  logger.info({ signal: await stopped }, "stopping");
  await running.close();
}

/** What a person can mend gets a sentence instead of a stack. */
function asStartError(error: unknown, config: Config): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const address = `${config.listen.host}:${config.listen.port}`;
  if (code === "EADDRINUSE")
    return new ConfigError(`${address} is in use; choose another with --listen HOST:PORT`, { cause: error });
  if (code === "EACCES" || code === "EADDRNOTAVAIL") return new ConfigError(`Cannot serve ${address}: ${code}`, { cause: error });
  if (error instanceof JournalUnavailable || error instanceof JournalCorrupt) {
    return new ConfigError(`Cannot open ${config.dataDir}: ${error.message}`, { cause: error });
  }
  return error;
}

/** The first signal asks for an orderly end, a second one ends at once. */
async function stopSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1);
      asked = true;
      resolve(signal);
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
  });
}
