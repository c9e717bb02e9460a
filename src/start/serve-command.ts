import type { Command } from "commander";
import { createLogger } from "../base/logger.ts";
import { shrinkHeap } from "../base/shrink-heap.ts";
import type { Terminal } from "../serve/cli/terminal.ts";
import { readConfig, type ServeFlags } from "./read-config.ts";

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
    .option("--capture-processes <n>", "processes that capture calls, or auto: one for each core (default: 1)")
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
  const stopped = stopSignal(terminal.clock);
  // The client commands start faster without the server's modules.
  const [{ compose }, { asStartError }] = await Promise.all([import("./compose.ts"), import("./as-start-error.ts")]);
  const running = await compose(config, logger).catch((error: unknown) => {
    throw asStartError(error, config);
  });
  // Now nobody waits for it yet.
  shrinkHeap();
  const ready = `OpenTrail is ready at ${running.url} (${running.backend}; data in ${config.dataDir})`;
  // Where events go to standard output, nothing else does.
  if (config.delivery.ndjson.some(({ path }) => path === "-")) terminal.note(ready);
  else terminal.print(ready);
  if (running.problem !== undefined) terminal.note(`Nothing can be recorded until this is mended: ${running.problem}`);
  logger.info({ signal: await stopped }, "stopping");
  await running.close();
}

/**
 * One Ctrl-C may arrive twice, as may the end of a terminal: it signals every process of its group, and npm or the launcher
 * pass theirs on.
 */
const ECHO_MILLISECONDS = 500;

/** The first signal asks for an orderly end, a second one ends at once. */
async function stopSignal(clock: Terminal["clock"]): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
    const stop = (signal: NodeJS.Signals): void => {
      const at = clock.now();
      const isEcho = signal === first?.signal && signal !== "SIGTERM" && at - first.at < ECHO_MILLISECONDS;
      if (first !== undefined && !isEcho) process.exit(1);
      first ??= { signal, at };
      resolve(signal);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  });
}
