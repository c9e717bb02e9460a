import { KeyFileError } from "../base/key-file.ts";
import { IdentityStoreCorrupt } from "../capture/identity/identity-store.ts";
import { JournalCorrupt, JournalUnavailable } from "../journal/journal.ts";
import { WebhookSecretError } from "../readers/delivery/sinks/webhook-signature.ts";
import { HistoryCorrupt, HistoryUnavailable } from "../readers/history/history.ts";
import { ReaderAhead } from "../readers/reader-host.ts";
import type { Config } from "./config.ts";
import { StartError } from "./start-error.ts";

/** Errors of the rooms whose messages name the file and what is wrong with it. */
const ABOUT_FILES = [JournalUnavailable, HistoryUnavailable, HistoryCorrupt, IdentityStoreCorrupt, KeyFileError];

/** What a person can mend becomes a `StartError`; all else, our own mistakes, stays as it is. */
export function asStartError(error: unknown, { dataDir, listen }: Pick<Config, "dataDir" | "listen">): unknown {
  const message = messageFor(error, dataDir, `${listen.host}:${listen.port}`);
  return message === undefined ? error : new StartError(message, { cause: error });
}

function messageFor(error: unknown, dataDir: string, address: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ReaderAhead) {
    const kept = error.reader === "history" ? "history" : "delivery.sqlite";
    return (
      `Cannot open ${dataDir}: ${error.message}. Restore the whole directory from one backup, or move what the reader ` +
      `keeps (${dataDir}/${kept}) away: it is made again of what the journal still holds.`
    );
  }
  if (error instanceof JournalCorrupt) {
    return (
      `Cannot open ${dataDir}: the journal is damaged. ${error.message}. Run "opentrail verify --data-dir ${dataDir}" to see all ` +
      `of it. Then restore the whole directory from a backup, or go on without what is damaged: opentrail verify --set-aside`
    );
  }
  if (error instanceof WebhookSecretError) return `Cannot use delivery.webhooks: ${error.message}`;
  if (ABOUT_FILES.some((kind) => error instanceof kind)) return `Cannot open ${dataDir}: ${error.message}`;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") return `${address} is in use; choose another with --listen HOST:PORT`;
  if (syscall === "listen" || syscall === "getaddrinfo") return `Cannot serve ${address}: ${code}`;
  if (syscall !== undefined && path !== undefined) return `Cannot use ${path}: ${error.message}`;
  if (code === "ERR_SQLITE_ERROR" || syscall !== undefined) return `Cannot open ${dataDir}: ${error.message}`;
  if (code?.startsWith("ERR_OSSL_") === true) return `Cannot use tls.certificate and tls.key: ${error.message}`;
  return undefined;
}
