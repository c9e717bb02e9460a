import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { Places } from "../places.ts";
import { isDynaliteRefusal, loadDynalite, type DynaliteStore } from "./dynalite.ts";
import type { DynaliteCall, DynaliteReply, DynaliteRequest } from "./dynalite-messages.ts";

/*
 * The thread that runs dynalite. It throws from callbacks what it does not expect, which ends the thread it runs in: this
 * one, and not the one that records.
 */

const { directory } = workerData as { readonly directory: string };
const dynalite = loadDynalite();
const stores = new Places((place) => {
  const path = join(directory, place.accountId, place.region);
  mkdirSync(path, { recursive: true });
  // Clients wait for ACTIVE by polling; nothing here takes the time that it takes at AWS.
  const store = dynalite.open({ path, createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  store.tableDb.awsAccountId = place.accountId;
  store.tableDb.awsRegion = place.region;
  return store;
});

parentPort?.on("message", (request: DynaliteRequest) => {
  switch (request.kind) {
    case "call":
      void answer(request);
      return;
    case "ping":
      reply({ kind: "pong" });
      return;
    case "close":
      void close();
  }
});

async function answer(call: DynaliteCall): Promise<void> {
  try {
    const body = await run(stores.at(call.place), call.operation, call.body);
    reply({ kind: "answer", id: call.id, status: 200, body: JSON.stringify(body) });
  } catch (error) {
    const { statusCode, body } = isDynaliteRefusal(error) ? error : unexpected(error);
    reply({ kind: "answer", id: call.id, status: statusCode, body: JSON.stringify(body) });
  }
}

async function run(store: DynaliteStore, operation: string, body: string): Promise<unknown> {
  const { types, custom } = dynalite.validation(operation);
  const data = dynalite.validations.checkTypes(parse(body), types);
  dynalite.validations.checkValidations(data, types, custom, store);
  return await new Promise((resolve, reject) => {
    dynalite.action(operation)(store, data, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

function parse(body: string): object {
  let data: unknown;
  try {
    data = JSON.parse(body);
  } catch {
    data = undefined;
  }
  if (typeof data === "object" && data !== null && !Array.isArray(data)) return data;
  throw { statusCode: 400, body: { __type: "com.amazon.coral.service#SerializationException" } };
}

function unexpected(error: unknown): { readonly statusCode: number; readonly body: object } {
  reply({ kind: "fault", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  const message = "The request processing has failed because of an unknown error, exception or failure.";
  return { statusCode: 500, body: { __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message } };
}

async function close(): Promise<void> {
  await Promise.all(stores.all().map((store) => store.db.close()));
  reply({ kind: "closed" });
  parentPort?.close();
}

function reply(message: DynaliteReply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins, windows do
  parentPort?.postMessage(message);
}
