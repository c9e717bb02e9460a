import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

/**
 * The parts of fauxqs 2.4.1 that answer SQS and SNS calls, used without its HTTP server: what the package exports listens
 * on every interface and does not let its state be kept. They are reached by their files, so the version is pinned.
 */
export interface Fauxqs {
  readonly SqsStore: new () => SqsStore;
  readonly SnsStore: new () => SnsStore;
  readonly PersistenceManager: new (directory: string) => PersistenceManager;
  readonly sqs: ReadonlyMap<string, SqsAction>;
  readonly sns: ReadonlyMap<string, SnsAction>;
}

export interface SqsStore {
  region: string;
  persistence: PersistenceManager;
  allQueues(): Iterable<{ persistence: PersistenceManager }>;
  shutdown(): void;
}

export interface SnsStore {
  region: string;
  persistence: PersistenceManager;
}

export interface PersistenceManager {
  readonly db: DatabaseSync;
  insertQueue(queue: StoredQueue): void;
  updateMessageReady(messageId: string): void;
  loadSqsAndSns(sqs: SqsStore, sns: SnsStore): void;
  close(): void;
}

export interface StoredQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly attributes: object;
  readonly tags: ReadonlyMap<string, string>;
  readonly createdTimestamp: number;
  readonly lastModifiedTimestamp: number;
  readonly sequenceCounter: number;
}

interface HttpFacts {
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes the JSON body, gives the JSON answer. Throws `FauxqsError`. */
export type SqsAction = (body: object, store: SqsStore, http: HttpFacts) => unknown;
/** Takes the form, gives the XML answer. Throws `FauxqsError`. */
export type SnsAction = (form: Readonly<Record<string, string>>, sns: SnsStore, sqs: SqsStore, http: HttpFacts) => unknown;

export interface FauxqsError extends Error {
  readonly code: string;
  readonly statusCode: number;
  /** `AWS.SimpleQueueService.NonExistentQueue;Sender`: SQS tells it for clients that grew up with the query protocol. */
  readonly queryErrorHeader?: string;
}

export function isFauxqsError(error: unknown): error is FauxqsError {
  return error instanceof Error && "code" in error && "statusCode" in error && typeof error.statusCode === "number";
}

/** The allow-list for SQS: operation, and the file that has it. */
const SQS_ACTIONS = {
  ChangeMessageVisibility: "changeMessageVisibility",
  ChangeMessageVisibilityBatch: "changeMessageVisibilityBatch",
  CreateQueue: "createQueue",
  DeleteMessage: "deleteMessage",
  DeleteMessageBatch: "deleteMessageBatch",
  DeleteQueue: "deleteQueue",
  GetQueueAttributes: "getQueueAttributes",
  GetQueueUrl: "getQueueUrl",
  ListQueues: "listQueues",
  ListQueueTags: "listQueueTags",
  PurgeQueue: "purgeQueue",
  ReceiveMessage: "receiveMessage",
  SendMessage: "sendMessage",
  SendMessageBatch: "sendMessageBatch",
  SetQueueAttributes: "setQueueAttributes",
  TagQueue: "tagQueue",
  UntagQueue: "untagQueue",
};

/** The allow-list for SNS. */
const SNS_ACTIONS = {
  ConfirmSubscription: "confirmSubscription",
  CreateTopic: "createTopic",
  DeleteTopic: "deleteTopic",
  GetSubscriptionAttributes: "getSubscriptionAttributes",
  GetTopicAttributes: "getTopicAttributes",
  ListSubscriptions: "listSubscriptions",
  ListSubscriptionsByTopic: "listSubscriptions",
  ListTagsForResource: "tagResource",
  ListTopics: "listTopics",
  Publish: "publish",
  PublishBatch: "publish",
  SetSubscriptionAttributes: "setSubscriptionAttributes",
  SetTopicAttributes: "setTopicAttributes",
  Subscribe: "subscribe",
  TagResource: "tagResource",
  Unsubscribe: "unsubscribe",
  UntagResource: "tagResource",
};

export const SQS_OPERATIONS: ReadonlySet<string> = new Set(Object.keys(SQS_ACTIONS));
export const SNS_OPERATIONS: ReadonlySet<string> = new Set(Object.keys(SNS_ACTIONS));

type Module = Readonly<Record<string, unknown>>;

/** Loads the package. Throws where it is not the version that this was written for. */
export async function loadFauxqs(): Promise<Fauxqs> {
  const manifest = findPackageJSON("fauxqs", import.meta.url);
  if (manifest === undefined) throw new Error("the package fauxqs is not installed");
  const load = async (file: string): Promise<Module> =>
    (await import(pathToFileURL(join(dirname(manifest), "dist", file)).href)) as Module;
  const [sqsStore, snsStore, persistence, sqs, sns] = await Promise.all([
    load("sqs/sqsStore.js"),
    load("sns/snsStore.js"),
    load("persistence.js"),
    loadActions(load, "sqs", SQS_ACTIONS),
    loadActions(load, "sns", SNS_ACTIONS),
  ]);
  return {
    SqsStore: exported(sqsStore, "SqsStore") as Fauxqs["SqsStore"],
    SnsStore: exported(snsStore, "SnsStore") as Fauxqs["SnsStore"],
    PersistenceManager: exported(persistence, "PersistenceManager") as Fauxqs["PersistenceManager"],
    sqs: sqs as Fauxqs["sqs"],
    sns: sns as Fauxqs["sns"],
  };
}

async function loadActions(
  load: (file: string) => Promise<Module>,
  service: string,
  files: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, unknown>> {
  const found = Object.entries(files).map(async ([operation, file]): Promise<[string, unknown]> => {
    const name = operation.charAt(0).toLowerCase() + operation.slice(1);
    return [operation, exported(await load(`${service}/actions/${file}.js`), name)];
  });
  return new Map(await Promise.all(found));
}

function exported(module: Module, name: string): unknown {
  const found = module[name];
  if (typeof found !== "function") throw new Error(`fauxqs has no ${name}: another version than 2.4.1 is installed`);
  return found;
}
