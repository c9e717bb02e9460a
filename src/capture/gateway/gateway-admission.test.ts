import { afterEach, describe, expect, test } from "vitest";
import { isReadOnly } from "../../aws/catalogue/facts/read-only.ts";
import { type CallKind, RecordingUnavailable, type RefusalReason } from "../recorder.ts";
import type { Fate } from "./gateway-metrics.ts";
import {
  call,
  closeBenches,
  iamForm,
  jsonTarget,
  RawConnection,
  s3Head,
  signed,
  startBench,
} from "./gateway-bench.test-support.ts";

afterEach(closeBenches);

const changes = ({ serviceId, operationName, operation }: CallKind): boolean =>
  !isReadOnly({ serviceId, operationName, accessLevel: operation?.accessLevel, known: operation !== undefined });

const post = (headers: Record<string, string>) => ({ method: "POST", path: "/", headers });

describe("the intent of a call that changes something", () => {
  test.each([
    ["query", post(iamForm), "Action=CreateUser&Version=2010-05-08&UserName=eve", { UserName: "eve" }],
    ["JSON", post(jsonTarget("kms", "TrentService.ScheduleKeyDeletion")), '{"KeyId":"k"}', { KeyId: "k" }],
    [
      "REST",
      { method: "POST", path: "/2015-03-31/functions", headers: signed("lambda", { "content-type": "application/json" }) },
      '{"FunctionName":"f"}',
      { FunctionName: "f" },
    ],
  ])("has its parameters, before anything leaves: %s", async (_name, request, body, input) => {
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    const bench = await startBench({
      peer: (message, response) => {
        let text = "";
        message.on("data", (chunk: Buffer) => (text += chunk.toString()));
        message.on("end", () => {
          seen.push(text);
          response.end("{}");
        });
      },
    });
    bench.recorder.intended = changes;
    bench.recorder.admission = () => gate.promise;
    const answer = call(bench.port, request, body);
    await expect.poll(() => bench.recorder.intents.length).toBe(1);
    expect(bench.recorder.intents[0]).toMatchObject({ input, response: undefined, error: undefined });
    expect(seen).toEqual([]);
    gate.resolve();
    expect((await answer).status).toBe(200);
    expect(seen).toEqual([body]);
    expect(bench.recorder.calls[0]).toMatchObject({ eventId: bench.recorder.intents[0]!.eventId, input });
  });

  test("waits for a body that comes in pieces", async () => {
    const bench = await startBench();
    bench.recorder.intended = changes;
    const connection = new RawConnection(bench.port);
    const head = Object.entries(jsonTarget("kms", "TrentService.ScheduleKeyDeletion")).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    connection.send(`POST / HTTP/1.1\r\nHost: x\r\n${head.join("")}Transfer-Encoding: chunked\r\n\r\n5\r\n{"Key\r\n`);
    connection.send(`8\r\nId":"k"}\r\n0\r\n\r\n`);
    await connection.until(/^HTTP\/1.1 200/);
    expect(bench.recorder.intents[0]?.input).toEqual({ KeyId: "k" });
    connection.socket.destroy();
  });

  test("has what the head tells where the body is long, which is not waited for", async () => {
    const bench = await startBench();
    bench.recorder.intended = changes;
    const body = JSON.stringify({ ZipFile: "x".repeat(400_000) });
    const headers = signed("lambda", { "content-type": "application/json", "content-length": String(body.length) });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const connection = new RawConnection(bench.port);
    connection.send(`PUT /2015-03-31/functions/f/code HTTP/1.1\r\nHost: x\r\n${lines.join("")}\r\n`);
    await expect.poll(() => bench.recorder.intents.length).toBe(1);
    expect(bench.recorder.intents[0]?.input).toEqual({ FunctionName: "f" });
    connection.send(body);
    await connection.until(/^HTTP\/1.1 200/);
    expect(bench.recorder.calls[0]?.input).toMatchObject({ FunctionName: "f", ZipFile: expect.anything() as unknown });
    connection.socket.destroy();
  });

  test("is not made for a call that reads, whose body is not waited for either", async () => {
    const bench = await startBench();
    bench.recorder.intended = changes;
    const target = jsonTarget("dynamodb", "DynamoDB_20120810.GetItem");
    await call(bench.port, post(target), '{"TableName":"t"}');
    expect(bench.recorder.intents).toEqual([]);
    expect(bench.recorder.calls.length).toBe(1);
  });
});

describe("a call that leaves no event", () => {
  test("because its client went away before it was passed on, is withdrawn", async () => {
    const bench = await startBench({ peer: () => expect.unreachable() });
    bench.recorder.intended = changes;
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("PUT /b?tagging HTTP/1.1", "Content-Length: 100"));
    connection.send("<Tagging>");
    await expect.poll(() => bench.metrics.open).toBe(1);
    connection.socket.resetAndDestroy();
    await bench.metrics.idle(1);
    expect(Object.fromEntries(bench.metrics.counts)).toEqual({ "unrecorded never-left": 1, "finished s3 client-gone": 1 });
    expect([bench.recorder.intents.length, bench.recorder.calls.length, bench.recorder.withdrawn]).toEqual([0, 0, 1]);
  });

  test("because AWS records none of its kind, is withdrawn", async () => {
    const bench = await startBench({
      peer: (message, response) =>
        message.resume().on("end", () => response.writeHead(403).end("<Error><Code>SignatureDoesNotMatch</Code></Error>")),
    });
    bench.recorder.intended = changes;
    await call(bench.port, { method: "PUT", path: "/b", headers: signed("s3") });
    expect([bench.recorder.intents.length, bench.recorder.withdrawn]).toEqual([1, 1]);
  });

  test("because of a fault of our own, is abandoned: it has left", async () => {
    const bench = await startBench({
      identities: {
        resolve: () => ({ accountId: "1", caller: { kind: "anonymous" } }),
        refine: (resolved, { output }) => {
          if (output !== undefined) throw new Error("a fault");
          return resolved;
        },
        learn: () => {},
        close: async () => {},
      },
      peer: (message, response) => message.resume().on("end", () => response.end('{"KeyId":"k"}')),
    });
    bench.recorder.intended = changes;
    const answer = await call(bench.port, post(jsonTarget("kms", "TrentService.ScheduleKeyDeletion")), '{"KeyId":"k"}');
    expect(answer.status).toBe(500);
    expect([bench.recorder.abandoned, bench.recorder.withdrawn, bench.recorder.calls.length]).toEqual([1, 0, 0]);
  });
});

describe("a call that is not admitted", () => {
  const refuse = async (): Promise<void> => {
    throw new RecordingUnavailable("overload", "too much waits");
  };

  test("is refused in its own protocol, counted by reason, and never passed on", async () => {
    const reasons: (string | undefined)[] = [];
    const bench = await startBench({ peer: () => expect.unreachable() });
    bench.recorder.admission = refuse;
    const settled = bench.metrics.settled.bind(bench.metrics);
    bench.metrics.settled = (fate: Fate, refusal?: RefusalReason) => (reasons.push(refusal), settled(fate));
    const json = await call(bench.port, post(jsonTarget("kms", "TrentService.Decrypt")), "{}");
    expect([json.status, JSON.parse(json.body.toString())]).toEqual([
      503,
      {
        __type: "ServiceUnavailable",
        message: expect.stringMatching(
          /^Audit recording is unavailable\. The call was not carried out .*too much waits/,
        ) as string,
      },
    ]);
    const xml = await call(bench.port, { path: "/b/k", headers: signed("s3") });
    expect([xml.status, xml.body.toString()]).toEqual([503, expect.stringContaining("<Code>ServiceUnavailable</Code>")]);
    expect(reasons).toEqual(["overload", "overload"]);
  });

  test("passes where recording is best-effort, and is a gap only if its event fails too", async () => {
    const bench = await startBench({ recording: "best-effort" });
    bench.recorder.admission = refuse;
    expect((await call(bench.port, { path: "/b/k", headers: signed("s3") })).status).toBe(200);
    expect([bench.recorder.calls.length, bench.recorder.misses.length]).toEqual([1, 0]);
    bench.recorder.gate = async () => {
      throw new Error("the disk is full");
    };
    expect((await call(bench.port, { path: "/b/k", headers: signed("s3") })).status).toBe(200);
    expect([bench.recorder.calls.length, bench.recorder.misses.length]).toEqual([2, 1]);
    expect(Object.fromEntries(bench.metrics.counts)).toMatchObject({ recorded: 1, "unrecorded record-failed": 1 });
  });
});
