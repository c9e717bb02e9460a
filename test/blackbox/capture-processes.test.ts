import { CreateBucketCommand, PutObjectCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CloudTrailClient, type Event, paginateLookupEvents } from "@aws-sdk/client-cloudtrail";
import { CreateAccessKeyCommand, DeleteAccessKeyCommand, GetUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { randomBytes } from "node:crypto";
import { Agent, createServer, request as httpRequest, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { childProcesses, isRunning } from "../support/child-processes.ts";
import { type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { queryCall, send } from "../support/raw-call.ts";
import { ACCOUNT, ALICE, verifiedConfig } from "../support/verified-config.ts";

interface Status {
  readonly calls: Readonly<Record<string, number>>;
  readonly captureProcesses: { readonly running: number; readonly configured: number };
  readonly readers: readonly { readonly lag: number }[];
}

/** A backend that answers when it is told to where the parameters say "held", and else at once. */
let backend: Server;
let held: ServerResponse[];
let answer: (said: string) => string;
let trail: OpenTrailProcess;
let agents: Agent[];

beforeEach(async () => {
  held = [];
  agents = [];
  answer = () => "<Done/>";
  backend = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const said = `${request.url} ${Buffer.concat(chunks).toString()}`;
      if (said.includes("held")) held.push(response);
      else response.setHeader("content-type", "text/xml").end(answer(said));
    });
  });
  await new Promise<void>((done) => backend.listen(0, "127.0.0.1", done));
});
afterEach(async () => {
  for (const response of held) response.end();
  for (const agent of agents) agent.destroy();
  await trail?.remove();
  backend.closeAllConnections();
  await new Promise((done) => backend.close(done));
});

const upstream = (): readonly string[] => ["--upstream", `http://127.0.0.1:${(backend.address() as AddressInfo).port}`];

async function start(flags: readonly string[] = upstream(), dataDir?: string): Promise<void> {
  trail = await startOpenTrail({ flags: ["--capture-processes", "2", ...flags], ...(dataDir === undefined ? {} : { dataDir }) });
}

/** A connection of its own; connections are dealt in turn, so that two of them are with two processes. */
function connection(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  return agent;
}

/** Rejects where the connection ends without an answer. */
async function createUser(name: string, agent = connection()): Promise<number> {
  const call = queryCall("iam", "2010-05-08", "CreateUser", { UserName: name });
  const authorization = "AWS4-HMAC-SHA256 Credential=test/20260302/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00";
  return await new Promise((resolve, reject) => {
    const headers = { ...call.headers, authorization };
    httpRequest(`${trail.url}/`, { method: "POST", agent, headers }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    })
      .once("error", reject)
      .end(call.body);
  });
}

async function untilHeld(count: number): Promise<void> {
  await until(async () => (held.length >= count ? true : undefined), `the backend to hold ${count} calls`);
}

async function untilThereAgain(): Promise<void> {
  const running = async (): Promise<number> => (await trail.get<Status>("status")).captureProcesses.running;
  await until(async () => ((await running().catch(() => 0)) === 2 ? true : undefined), "the process to be there again");
}

async function untilRead(): Promise<void> {
  await until(async () => {
    const { readers } = await trail.get<Status>("status");
    return readers.every(({ lag }) => lag === 0) ? true : undefined;
  }, "the readers to catch up");
}

async function lookedUp(): Promise<readonly string[]> {
  await untilRead();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new CloudTrailClient({ endpoint: trail.url, region: "us-east-1", credentials });
  const events: Event[] = [];
  for await (const page of paginateLookupEvents({ client }, {})) events.push(...(page.Events ?? []));
  client.destroy();
  return events
    .filter(({ EventName }) => EventName !== "LookupEvents")
    .map(({ CloudTrailEvent }) => {
      const { requestParameters, additionalEventData } = JSON.parse(CloudTrailEvent ?? "{}");
      return `${requestParameters.userName}${additionalEventData?.opentrail?.outcome === "unknown" ? "?" : ""}`;
    })
    .toSorted();
}

test("calls over many connections, through both processes: all are looked up, counts add up, the end is clean", async () => {
  await start();
  expect(childProcesses(trail.pid).length).toBe(2);
  const names = Array.from({ length: 60 }, (_, at) => `user${at}`);
  const connections = Array.from({ length: 12 }, connection);
  const statuses = await Promise.all(names.map((name, at) => createUser(name, connections[at % 12])));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await lookedUp()).toEqual(names.toSorted());
  const { calls, captureProcesses } = await trail.get<Status>("status");
  expect(captureProcesses).toEqual({ running: 2, configured: 2 });
  expect(calls).toMatchObject({ arrived: 61 + 1, recorded: 62, inFlight: 0, notRecorded: 0 });
  const metrics = await (await fetch(`${trail.url}/_opentrail/metrics`)).text();
  expect(metrics).toContain("opentrail_gateway_recorded_total 62");
  expect(metrics).toContain("opentrail_capture_processes 2");

  // Calls in progress are finished, in whichever process they are.
  const late = ["held1", "held2", "held3"].map((name) => createUser(name));
  await untilHeld(3);
  const children = childProcesses(trail.pid);
  const stopped = trail.stop("SIGTERM");
  await until(async () => (trail.log().includes("stopping") ? true : undefined), "the signal to be heard");
  for (const response of held) response.end("<Done/>");
  expect(await Promise.all(late)).toEqual([200, 200, 200]);
  expect(await stopped).toBe(0);
  expect(children.filter(isRunning)).toEqual([]);
  expect(trail.log()).not.toMatch(/"level":50/);
  await start(upstream(), trail.dataDir);
  expect(await lookedUp()).toEqual([...names, "held1", "held2", "held3"].toSorted());
});

test("a process that dies: its changing call becomes one event of unknown outcome at once, the other goes on, it comes back", async () => {
  await start();
  const [one, other] = [connection(), connection()];
  const [first, second] = [createUser("held-one", one), createUser("held-other", other)];
  const ends = Promise.allSettled([first, second]);
  await untilHeld(2);
  const [victim = 0, survivor = 0] = childProcesses(trail.pid);
  process.kill(victim, "SIGKILL");
  // The one who asks may be connected to the process that dies.
  const found = async (): Promise<true | undefined> =>
    (await trail.events({ eventName: "CreateUser" })).length > 0 ? true : undefined;
  await until(async () => await found().catch(() => undefined), "the event of the lost call");
  expect((await lookedUp()).map((name) => name.replace(/one|other/, "x"))).toEqual(["held-x?"]);
  expect(await createUser("meanwhile")).toBe(200);
  for (const response of held) response.end("<Done/>");
  // One connection was reset, the other has its answer.
  expect((await ends).map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(isRunning(survivor)).toBe(true);
  await untilThereAgain();
  await Promise.all(Array.from({ length: 6 }, (_, at) => createUser(`after${at}`)));
  const events = await lookedUp();
  expect(events.filter((name) => name.endsWith("?")).length).toBe(1);
  expect(events.length).toBe(9);
  const { calls } = await trail.get<Status>("status");
  expect(calls).toMatchObject({ inFlight: 0, notRecorded: 0, recorded: calls["arrived"] });
  expect(trail.log()).toContain("a capture process has ended and is started again");

  // Exactly once also over a restart.
  await trail.stop("SIGTERM");
  await start(upstream(), trail.dataDir);
  expect(await lookedUp()).toEqual(events);
});

test("when the primary dies, nobody answers any more, and nobody keeps the address", async () => {
  await start();
  const children = childProcesses(trail.pid);
  const calls = Promise.allSettled(["held1", "held2"].map((name) => createUser(name)));
  await untilHeld(2);
  await trail.stop("SIGKILL");
  await until(async () => (children.some(isRunning) ? undefined : true), "the capture processes to be gone", 10_000);
  for (const response of held) response.end("<Done/>");
  expect((await calls).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const { port } = new URL(trail.url);
  await start([...upstream(), "--listen", `127.0.0.1:${port}`], trail.dataDir);
  expect(await lookedUp()).toEqual(["held1?", "held2?"]);
});

test("a key that one process learns is known to the other before its holder has it; a deleted one to neither", async () => {
  const born = { id: "", secret: "" };
  const wrap = (action: string, result: string): string =>
    `<${action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${action}Result>${result}</${action}Result></${action}Response>`;
  answer = (said) => {
    if (said.includes("Action=CreateAccessKey")) {
      Object.assign(born, {
        id: `AKIA${randomBytes(8).toString("hex").toUpperCase()}`,
        secret: randomBytes(30).toString("base64"),
      });
      return wrap(
        "CreateAccessKey",
        `<AccessKey><UserName>bob</UserName><AccessKeyId>${born.id}</AccessKeyId><Status>Active</Status><SecretAccessKey>${born.secret}</SecretAccessKey></AccessKey>`,
      );
    }
    return wrap(
      "GetUser",
      `<User><Path>/</Path><UserName>bob</UserName><UserId>AIDABOB0000000000000</UserId><Arn>arn:aws:iam::${ACCOUNT}:user/bob</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></User>`,
    );
  };
  await start(["--config", verifiedConfig(), ...upstream()]);
  const client = (credentials: { accessKeyId: string; secretAccessKey: string }, agent: Agent): IAMClient =>
    new IAMClient({
      endpoint: trail.url,
      region: "us-east-1",
      credentials,
      maxAttempts: 1,
      requestHandler: { httpAgent: agent },
    });
  const [one, other] = [connection(), connection()];
  for (let round = 0; round < 10; round++) {
    const { AccessKey } = await client(ALICE, round % 2 === 0 ? one : other).send(
      new CreateAccessKeyCommand({ UserName: "bob" }),
    );
    const bob = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
    for (const agent of [other, one]) expect((await client(bob, agent).send(new GetUserCommand())).User?.UserName).toBe("bob");
    await client(bob, other).send(new DeleteAccessKeyCommand({ AccessKeyId: bob.accessKeyId }));
    for (const agent of [one, other]) {
      await expect(client(bob, agent).send(new GetUserCommand())).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    }
  }
  // They are with two processes: the end of one is the end of one.
  let closed = 0;
  for (const agent of [one, other]) {
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.once("close", () => (closed += 1));
  }
  process.kill(childProcesses(trail.pid)[0] ?? 0, "SIGKILL");
  await until(async () => (closed > 0 ? true : undefined), "a connection to end");
  await untilThereAgain();
  expect(closed).toBe(1);
  // What was learned is told to the new one.
  const { AccessKey } = await client(ALICE, connection()).send(new CreateAccessKeyCommand({ UserName: "bob" }));
  const bob = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  for (let at = 0; at < 4; at++) await client(bob, connection()).send(new GetUserCommand());
  const thief = client({ ...bob, secretAccessKey: "wrong" }, connection());
  await expect(thief.send(new GetUserCommand())).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
});

test("the embedded account and own paths are reached through every process: bodies whole, events as they happen", async () => {
  await start([]);
  const s3 = (agent: Agent): S3Client =>
    new S3Client({
      endpoint: trail.url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      forcePathStyle: true,
      requestHandler: { httpAgent: agent },
    });
  const [one, other] = [s3(connection()), s3(connection())];
  const watching = await fetch(`${trail.url}/_opentrail/tail`);
  const reader = watching.body!.pipeThrough(new TextDecoderStream()).getReader();
  await one.send(new CreateBucketCommand({ Bucket: "shared" }));
  let seen = "";
  while (!seen.includes("CreateBucket")) seen += (await reader.read()).value ?? "";
  await reader.cancel();
  const body = randomBytes(5_000_000);
  await one.send(new PutObjectCommand({ Bucket: "shared", Key: "a b", Body: body }));
  const { Body } = await other.send(new GetObjectCommand({ Bucket: "shared", Key: "a b" }));
  expect(Buffer.compare(Buffer.from(await Body!.transformToByteArray()), body)).toBe(0);
  await expect(other.send(new GetObjectCommand({ Bucket: "shared", Key: "none" }))).rejects.toMatchObject({ name: "NoSuchKey" });
  for (let at = 0; at < 4; at++) expect((await fetch(`${trail.url}/_opentrail/health`)).status).toBe(200);
  const forged = { "x-opentrail-relay": Buffer.from('{"token":"","kind":"visit","visit":{}}').toString("base64") };
  expect((await fetch(`${trail.url}/_opentrail/health`, { headers: forged })).status).toBe(200);
  expect(await send(trail.url, { service: "s3", line: "GET /shared", headers: forged })).toBe(200);
});
