import { Command, CommanderError } from "commander";
import { systemClock } from "../base/clock.ts";
import { CliError } from "../serve/cli/endpoint-client.ts";
import { addLookupCommand } from "../serve/cli/lookup-command.ts";
import { addStatusCommand } from "../serve/cli/status-command.ts";
import { addTailCommand } from "../serve/cli/tail-command.ts";
import type { Terminal } from "../serve/cli/terminal.ts";
import { addValidateLogsCommand } from "../serve/cli/validate-logs/validate-logs-command.ts";
import { addServeCommand } from "./serve-command.ts";
import { StartError } from "./start-error.ts";
import { addVerifyCommand } from "./verify-command.ts";
import { VERSION } from "./version.ts";

const terminal: Terminal = {
  print: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
  ...(process.stderr.isTTY ? { progress: (line: string) => process.stderr.write(`\r\u001B[K${line}`) } : {}),
  environment: process.env,
  clock: systemClock,
};

const program = new Command("opentrail")
  .description("AWS CloudTrail that you run yourself, in front of anything that speaks the AWS API")
  .version(VERSION)
  .showHelpAfterError()
  .exitOverride();

addServeCommand(program, terminal);
addStatusCommand(program, terminal);
addTailCommand(program, terminal);
addLookupCommand(program, terminal);
addVerifyCommand(program, terminal);
addValidateLogsCommand(program, terminal);

// A reader that has seen enough (`opentrail lookup | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof CliError || error instanceof StartError) {
    terminal.note(error.message);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
