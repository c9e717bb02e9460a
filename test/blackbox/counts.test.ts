import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startOpenTrail, until, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { queryCall, type RawCall, send, sendAndLeave } from "../support/raw-call.ts";

const CALLS = 600;
const IAM = "2010-05-08";

let backend: Server;
let trail: OpenTrailProcess;

/** Answers at once, late, at length, with errors, or not at all, as the call's name says. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("error", () => {});
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const said = `${request.url} ${Buffer.concat(chunks).toString()}`;
    const end = (status: number, body: string): void => void response.writeHead(status).end(body);
    if (said.includes("breaks")) request.socket.destroy();
    else if (said.includes("stops"))
      response.writeHead(200, { "content-length": "100" }).write("half", () => request.socket.destroy());
    else if (said.includes("denied")) end(403, errorOf("AccessDenied"));
    else if (said.includes("forged")) end(403, errorOf("InvalidClientTokenId"));
    else if (said.includes("large")) end(200, "x".repeat(3 * 1024 * 1024));
    else if (said.includes("late")) setTimeout(end, 30, 200, "<Late/>");
    else end(200, "<Done/>");
  });
}

function errorOf(code: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;
}

interface Kind {
  readonly fate: "recorded" | "notSelected" | "notAuthenticated" | "neverLeft";
  readonly call: (name: string) => RawCall;
  /** Octets that the client keeps to itself before it leaves; undefined: it stays for the answer. */
  readonly leavesOwing?: number;
}

const createUser = (name: string): RawCall => queryCall("iam", IAM, "CreateUser", { UserName: name });
const named = (prefix: string) => (name: string) => createUser(`${prefix}${name}`);
const getObject = (name: string): RawCall => ({ service: "s3", line: `GET /bucket/${name}` });

const KINDS: readonly Kind[] = [
  { fate: "recorded", call: createUser },
  { fate: "recorded", call: named("denied") },
  { fate: "recorded", call: named("large") },
  { fate: "recorded", call: named("breaks") },
  { fate: "recorded", call: named("stops") },
  { fate: "recorded", call: (name) => queryCall("iam", IAM, "GetUser", { UserName: name }) },
  { fate: "recorded", call: (name) => ({ service: "s3", line: `PUT /${name}?versioning`, body: "<VersioningConfiguration/>" }) },
  { fate: "recorded", call: named("late"), leavesOwing: 0 },
  { fate: "recorded", call: named("large"), leavesOwing: 0 },
  { fate: "neverLeft", call: createUser, leavesOwing: 3 },
  { fate: "notSelected", call: getObject },
  { fate: "notSelected", call: (name) => getObject(`late${name}`), leavesOwing: 0 },
  { fate: "notAuthenticated", call: named("forged") },
];

interface Status {
  readonly calls: Readonly<Record<"arrived" | "inFlight" | Kind["fate"] | "refused" | "notRecorded", number>>;
  readonly readers: readonly { readonly lag: number }[];
}

beforeAll(async () => {
  backend = createServer(answer);
  await new Promise<void>((done) => backend.listen(0, "127.0.0.1", done));
  trail = await startOpenTrail({ flags: ["--upstream", `http://127.0.0.1:${(backend.address() as AddressInfo).port}`] });
});
afterAll(async () => {
  await trail?.remove();
  backend?.closeAllConnections();
  backend?.close();
});

test("whatever becomes of hundreds of calls at once, each is counted once, and those that were passed on leave one record", async () => {
  const calls = Array.from({ length: CALLS }, (_, at) => ({ name: `n${at}x`, kind: KINDS[at % KINDS.length]! }));
  const done = new AbortController();
  const sums: [arrived: number, sum: number][] = [];
  const watching = (async () => {
    while (!done.signal.aborted) {
      const { arrived, ...parts } = (await trail.get<Status>("status")).calls;
      sums.push([arrived, Object.values(parts).reduce((sum, part) => sum + part, 0)]);
      for (const part of Object.values(parts)) expect(part).toBeGreaterThanOrEqual(0);
    }
  })();
  const waiting = [...calls];
  const client = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { name, kind } = next;
      const plain = kind.call(name);
      const call = { ...plain, headers: { ...plain.headers, "user-agent": name } };
      if (kind.leavesOwing !== undefined) await sendAndLeave(trail.url, call, kind.leavesOwing);
      // Answers that break off are broken off towards the client too.
      else await send(trail.url, call).catch(() => {});
    }
  };
  await Promise.all(Array.from({ length: 60 }, client));
  const settled = await until(async () => {
    const { calls, readers } = await trail.get<Status>("status");
    return calls.arrived === CALLS && calls.inFlight === 0 && readers.every(({ lag }) => lag === 0) ? calls : undefined;
  }, `${CALLS} calls to be settled`);
  done.abort();
  await watching;

  const expected = (fate: Kind["fate"]): number => calls.filter(({ kind }) => kind.fate === fate).length;
  expect(settled).toEqual({
    arrived: CALLS,
    recorded: expected("recorded"),
    notSelected: expected("notSelected"),
    notAuthenticated: expected("notAuthenticated"),
    neverLeft: expected("neverLeft"),
    refused: 0,
    notRecorded: 0,
    inFlight: 0,
  });
  const arrivals = sums.map(([arrived]) => arrived);
  expect(sums.map(([, sum]) => sum)).toEqual(arrivals);
  expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));

  // S3's records have the user agent in brackets.
  const agents = (await trail.events()).map(({ userAgent }) => String(userAgent).replace(/^\[(.*)\]$/, "$1"));
  expect(agents.toSorted()).toEqual(
    calls
      .filter(({ kind }) => kind.fate === "recorded")
      .map(({ name }) => name)
      .toSorted(),
  );
  const metrics = await (await fetch(`${trail.url}/_opentrail/metrics`)).text();
  const metric = (name: string): number => Number(new RegExp(`^opentrail_gateway_${name} (\\d+)$`, "m").exec(metrics)?.[1]);
  expect(metric("arrived_total")).toBe(CALLS);
  expect(metric("recorded_total")).toBe(expected("recorded"));
  expect(metric('unrecorded_total{reason="not-selected"}')).toBe(expected("notSelected"));
  expect(metric('unrecorded_total{reason="never-left"}')).toBe(expected("neverLeft"));
  expect(metric('unrecorded_total{reason="record-failed"}')).toBe(0);
  expect(metric("open_calls")).toBe(0);
});
