import { createRequire } from "node:module";

/**
 * The parts of dynalite 4.0.0 that answer DynamoDB calls, used without its HTTP server. The version is pinned: these are
 * files of the package, not its exports.
 */
export interface Dynalite {
  readonly open: (options: DynaliteOptions) => DynaliteStore;
  readonly validations: Validations;
  readonly action: (operation: string) => Action;
  /** Types and rules of an operation's input. */
  readonly validation: (operation: string) => Validation;
}

export interface DynaliteOptions {
  /** Directory of the LevelDB database. */
  readonly path: string;
  /** Milliseconds for which a table is CREATING, UPDATING or DELETING. */
  readonly createTableMs: number;
  readonly updateTableMs: number;
  readonly deleteTableMs: number;
}

export interface DynaliteStore {
  readonly tableDb: { awsAccountId: string; awsRegion: string };
  readonly db: { close(): Promise<void> };
}

interface Validation {
  readonly types: unknown;
  readonly custom: unknown;
}

interface Validations {
  checkTypes(data: object, types: unknown): object;
  checkValidations(data: object, types: unknown, custom: unknown, store: DynaliteStore): void;
}

type Action = (store: DynaliteStore, data: object, done: (error: unknown, answer?: unknown) => void) => void;

/** DynamoDB's own refusal, ready to be sent. */
export interface DynaliteRefusal {
  readonly statusCode: number;
  readonly body: object;
}

export function isDynaliteRefusal(error: unknown): error is DynaliteRefusal {
  return (
    typeof error === "object" &&
    error !== null &&
    "statusCode" in error &&
    typeof error.statusCode === "number" &&
    "body" in error
  );
}

export function loadDynalite(): Dynalite {
  const require = createRequire(import.meta.url);
  const file = (folder: string, operation: string): string =>
    `dynalite/${folder}/${operation.charAt(0).toLowerCase()}${operation.slice(1)}.js`;
  const { create } = require("dynalite/db/index.js") as { create: Dynalite["open"] };
  return {
    open: create,
    validations: require("dynalite/validations/index.js") as Validations,
    action: (operation) => require(file("actions", operation)) as Action,
    validation: (operation) => require(file("validations", operation)) as Validation,
  };
}
