import { CloudTrailClient, type Event, paginateLookupEvents } from "@aws-sdk/client-cloudtrail";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { filesBelow } from "../support/files-below.ts";
import { startOpenTrail, until, type CloudTrailRecord, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { authorization, queryCall, type RawCall, send } from "../support/raw-call.ts";

/** A backend that takes calls and never answers those whose parameters say "held". */
let backend: Server;
let taken: string[];
let trail: OpenTrailProcess;

beforeEach(async () => {
  taken = [];
  backend = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const said = `${request.url} ${Buffer.concat(chunks).toString()}`;
      taken.push(said);
      if (!said.includes("held")) response.end("<Done/>");
    });
  });
  await new Promise<void>((done) => backend.listen(0, "127.0.0.1", done));
});
afterEach(async () => {
  await trail?.remove();
  backend.closeAllConnections();
  await new Promise((done) => backend.close(done));
});

async function start(dataDir?: string): Promise<void> {
  const flags = ["--upstream", `http://127.0.0.1:${(backend.address() as AddressInfo).port}`];
  trail = await startOpenTrail({ flags, ...(dataDir === undefined ? {} : { dataDir }) });
}

const iam = (action: string, parameters: Record<string, string>): RawCall => queryCall("iam", "2010-05-08", action, parameters);
/** Sends calls whose answers never come, and waits until the backend has them all. */
async function held(...calls: readonly RawCall[]): Promise<void> {
  const before = taken.length;
  for (const call of calls) send(trail.url, call).catch(() => {});
  await until(async () => (taken.length === before + calls.length ? true : undefined), "the backend to have the calls");
}

async function lookup(): Promise<readonly CloudTrailRecord[]> {
  await until(async () => {
    const { readers } = await trail.get<{ readers: readonly { lag: number }[] }>("status");
    return readers.every(({ lag }) => lag === 0) ? true : undefined;
  }, "the readers to catch up");
  const client = new CloudTrailClient({
    endpoint: trail.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const events: Event[] = [];
  for await (const page of paginateLookupEvents({ client }, {})) events.push(...(page.Events ?? []));
  client.destroy();
  return events
    .map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent ?? "{}") as CloudTrailRecord)
    .filter(({ eventName }) => eventName !== "LookupEvents");
}

const names = (records: readonly CloudTrailRecord[]): readonly string[] =>
  records.map(
    ({ eventName, requestParameters }) => `${eventName} ${requestParameters?.userName ?? requestParameters?.functionName}`,
  );

test("a changing call that reached the backend is on record although OpenTrail is killed before the answer; a read is not", async () => {
  await start();
  expect(await send(trail.url, iam("CreateUser", { UserName: "answered" }))).toBe(200);
  await held(
    iam("CreateUser", { UserName: "held" }),
    iam("GetUser", { UserName: "held-read" }),
    { service: "unheard-of", line: "GET /held" },
    { service: "unheard-of", line: "DELETE /held" },
  );
  await trail.stop("SIGKILL");

  for (const times of [1, 2, 3]) {
    await start(trail.dataDir);
    const records = await lookup();
    expect(records.map(({ eventName }) => eventName as string).toSorted(), `start ${times}`).toEqual([
      "CreateUser",
      "CreateUser",
      "DELETE /held",
    ]);
    const [unknown, ...more] = records.filter(({ requestParameters }) => requestParameters?.userName === "held");
    expect(more).toEqual([]);
    expect(unknown).toMatchObject({
      eventSource: "iam.amazonaws.com",
      readOnly: false,
      responseElements: null,
      additionalEventData: {
        opentrail: { outcome: "unknown", outcomeReason: expect.stringContaining("before the call was passed on") },
      },
    });
    expect(unknown).not.toHaveProperty("errorCode");
    const answered = records.find(({ requestParameters }) => requestParameters?.userName === "answered");
    expect(answered?.additionalEventData?.opentrail?.outcome).toBeUndefined();
    if (times === 1) expect(trail.log()).toContain("calls that were under way when OpenTrail ended are on record now");
    // The second end is orderly, the third start finds nothing to do either way.
    await trail.stop(times === 1 ? "SIGKILL" : "SIGTERM");
    if (times > 1) expect(trail.log()).not.toContain("were under way when OpenTrail ended");
  }
});

test("intents hold what the record would, and no secret", async () => {
  await start();
  const secrets = ["correct-horse-battery-staple", "environment-value-of-great-worth", "the-secret-string-itself"] as const;
  const json = { "content-type": "application/json" };
  await held(
    iam("CreateLoginProfile", { UserName: "held", Password: secrets[0] }),
    {
      service: "lambda",
      line: "POST /2015-03-31/functions",
      headers: json,
      body: JSON.stringify({ FunctionName: "held", Environment: { Variables: { TOKEN: secrets[1] } } }),
    },
    {
      service: "secretsmanager",
      line: "POST /",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.CreateSecret" },
      body: JSON.stringify({ Name: "held", SecretString: secrets[2] }),
    },
    // Too long to be read before it leaves: the intent has what the head tells.
    {
      service: "lambda",
      line: "PUT /2015-03-31/functions/held/code",
      headers: json,
      body: `{"ZipFile":"${"held".repeat(100_000)}"}`,
    },
  );
  await trail.stop("SIGKILL");
  const bytes = Buffer.concat(filesBelow(trail.dataDir).map((file) => file.bytes)).toString("latin1");
  expect(bytes).toContain("CreateLoginProfile");
  for (const secret of secrets) expect(bytes).not.toContain(secret);
  await start(trail.dataDir);
  const records = await lookup();
  expect(names(records).toSorted()).toEqual([
    "CreateFunction20150331 held",
    "CreateLoginProfile held",
    "CreateSecret undefined",
    "UpdateFunctionCode20150331v2 held",
  ]);
  expect(records.find(({ eventName }) => eventName === "CreateSecret")?.requestParameters).toMatchObject({ name: "held" });
});

test("a call that the backend refused before authentication leaves nothing, and a shutdown leaves nothing open", async () => {
  backend.removeAllListeners("request");
  backend.on("request", (request, response) =>
    request
      .resume()
      .on("end", () =>
        response
          .writeHead(403)
          .end("<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>"),
      ),
  );
  await start();
  expect(await send(trail.url, iam("CreateUser", { UserName: "forged" }))).toBe(403);
  await trail.stop("SIGKILL");
  await start(trail.dataDir);
  expect(await lookup()).toEqual([]);
});

test("a call under way when OpenTrail is told to stop is recorded as it ends, once", async () => {
  let answer = (): void => {};
  backend.removeAllListeners("request");
  backend.on("request", (request, response) => {
    taken.push("late");
    request.resume();
    answer = () => void response.end("<Done/>");
  });
  await start();
  const status = fetch(trail.url, {
    method: "POST",
    headers: { authorization: authorization("iam"), "content-type": "application/x-www-form-urlencoded" },
    body: "Action=CreateUser&Version=2010-05-08&UserName=late",
  }).then(async (response) => response.status);
  await until(async () => (taken.length > 0 ? true : undefined), "the backend to have the call");
  const stopped = trail.stop("SIGTERM");
  await until(async () => (trail.log().includes("stopping") ? true : undefined), "the shutdown to begin");
  answer();
  expect(await status).toBe(200);
  expect(await stopped).toBe(0);
  await start(trail.dataDir);
  const [record, ...more] = await lookup();
  expect(more).toEqual([]);
  expect(record?.["additionalEventData"]).toBeUndefined();
});
