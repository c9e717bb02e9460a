import { pino, type Logger as Pino } from "pino";

export type Logger = Pick<Pino, "debug" | "info" | "warn" | "error" | "child">;

/** One JSON object a line on standard error: standard output belongs to what a command prints. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}
