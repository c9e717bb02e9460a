import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { run } from "../support/peers.ts";
import { expectRecord } from "../support/record-shape.ts";

/** A key id in which account 123456789012 is encoded. */
const KEY = "AKIARZPUZDIKGB2VALC4";
const HOME = "us-east-1:123456789012";
const PROGRAM = join(resolve(import.meta.dirname, "../.."), "bin/opentrail.js");

const dataDir = mkdtempSync(join(tmpdir(), "opentrail-events-"));
const configFile = join(dataDir, "opentrail.yaml");
let trail: OpenTrailProcess;
let hook: Server;
let hookStatus = 200;
const hooked: string[] = [];

const settings = () => ({
  endpoint: trail.url,
  region: "us-east-1",
  credentials: { accessKeyId: KEY, secretAccessKey: "secret" },
  maxAttempts: 1,
});
const start = async () => await startOpenTrail({ dataDir, flags: ["--config", configFile] });

async function rule(name: string, source: string, targetArn: string): Promise<void> {
  const events = new EventBridgeClient(settings());
  await events.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify({ source: [source] }) }));
  await events.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: "target", Arn: targetArn }] }));
}

async function put(Source: string, Detail = '{"a":1}') {
  const Entries = [{ Source, DetailType: "made", Detail }];
  return await new EventBridgeClient(settings()).send(new PutEventsCommand({ Entries }));
}

beforeAll(async () => {
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(message);
    if (hookStatus === 200) hooked.push(JSON.parse(body).id);
    response.writeHead(hookStatus).end();
  };
  hook = createServer((message, response) => void serve(message, response));
  await new Promise<void>((listening) => hook.listen(0, "127.0.0.1", listening));
  const { port } = hook.address() as AddressInfo;
  writeFileSync(configFile, `embedded:\n  apiDestinations:\n    hook: http://127.0.0.1:${port}/in\n`);
  trail = await start();
});
afterAll(async () => {
  hook.close();
  await trail?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test("an event reaches a queue, and the calls that set it up are recorded", async () => {
  const sqs = new SQSClient(settings());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "found" }));
  await rule("to-queue", "app", `arn:aws:sqs:${HOME}:found`);
  const { Entries } = await put("app", '{"big":123456789012345678901}');
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  expect(Messages?.[0]?.Body).toContain('"detail":{"big":123456789012345678901}}');
  expect(JSON.parse(Messages?.[0]?.Body ?? "").id).toBe(Entries?.[0]?.EventId);

  const [record] = await trail.untilEvents({ eventName: "PutRule" });
  expectRecord(record ?? {});
  expect(record).toMatchObject({
    eventSource: "events.amazonaws.com",
    requestParameters: { name: "to-queue" },
    responseElements: { ruleArn: `arn:aws:events:${HOME}:rule/to-queue` },
  });
});

test("nobody but AWS's services speaks for AWS's services", async () => {
  const { Entries, FailedEntryCount } = await put("aws.ec2");
  expect([FailedEntryCount, Entries?.[0]?.ErrorCode]).toEqual([1, "NotAuthorizedForSourceException"]);
});

test("what was answered is delivered, though the process is killed and the target away", async () => {
  hookStatus = 503;
  await rule("to-hook", "hook", `arn:aws:events:${HOME}:api-destination/hook`);
  const answers = await Promise.all(Array.from({ length: 20 }, async () => await put("hook")));
  const ids = answers.map(({ Entries }) => Entries?.[0]?.EventId ?? "");
  await trail.stop("SIGKILL");
  hookStatus = 200;
  trail = await start();
  await until(async () => (new Set(hooked).size === ids.length ? true : undefined), "all events at the webhook");
  expect(new Set(hooked)).toEqual(new Set(ids));
});

test("the store is part of what is verified", async () => {
  expect(await trail.stop()).toBe(0);
  const verify = async () => await run(process.execPath, [PROGRAM, "verify", "--data-dir", dataDir], {});
  expect(await verify()).toMatchObject({ status: 0 });
  const file = join(dataDir, "embedded/events/events.sqlite");
  writeFileSync(file, Buffer.alloc(8192, "x"));
  const found = await verify();
  expect(found.status).not.toBe(0);
  expect(found.stdout + found.stderr).toContain("events.sqlite");
});
