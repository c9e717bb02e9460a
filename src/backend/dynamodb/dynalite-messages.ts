import type { Place } from "../places.ts";

/** What the embedded account asks of the thread that runs dynalite. */
export type DynaliteRequest = DynaliteCall | { readonly kind: "ping" } | { readonly kind: "close" };

export interface DynaliteCall {
  readonly kind: "call";
  readonly id: number;
  readonly place: Place;
  readonly operation: string;
  /** The request's JSON body. */
  readonly body: string;
}

/**
 * What it answers: one `answer` for each call, in any order; `fault` beside the answer to a call that failed in an unforeseen
 * way; `pong` to a ping; `closed` when everything is on the disk.
 */
export type DynaliteReply =
  | DynaliteAnswer
  | { readonly kind: "fault"; readonly message: string }
  | { readonly kind: "pong" | "closed" };

export interface DynaliteAnswer {
  readonly kind: "answer";
  readonly id: number;
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

/** The allow-list for DynamoDB: what dynalite 4.0.0 has. */
export const DYNAMODB_OPERATIONS: ReadonlySet<string> = new Set([
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "DescribeTimeToLive",
  "GetItem",
  "ListTables",
  "ListTagsOfResource",
  "PutItem",
  "Query",
  "Scan",
  "TagResource",
  "UntagResource",
  "UpdateItem",
  "UpdateTable",
]);
