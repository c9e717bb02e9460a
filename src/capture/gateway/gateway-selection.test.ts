import { type ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { call, closeBenches, jsonTarget, signed, startBench } from "./gateway-bench.test-support.ts";

afterEach(closeBenches);

describe("who is not forwarded", () => {
  test("own paths and browsers", async () => {
    const bench = await startBench({ peer: () => expect.unreachable() });
    expect((await call(bench.port, { path: "/_opentrail/health?x=1" })).body.toString()).toBe("own /_opentrail/health?x=1");
    const browser = await call(bench.port, { path: "/", headers: { accept: "text/html,*/*" } });
    expect([browser.status, browser.headers.location]).toEqual([302, "/_opentrail/"]);
    expect(bench.recorder.calls).toEqual([]);
  });

  test("but a bucket's object of that name is", async () => {
    const bench = await startBench();
    const answer = await call(bench.port, { path: "/_opentrail/health", headers: signed("s3", { host: "b.localhost" }) });
    expect(answer.body.toString()).toBe("ok");
    expect(bench.recorder.calls[0]?.request.s3).toEqual({ bucket: "b", key: "_opentrail/health" });
  });
});

describe("calls that nobody wants", () => {
  test("pass uncaptured and are counted", async () => {
    const bench = await startBench();
    bench.recorder.selects = ({ operationName }) => operationName !== "GetObject";
    expect((await call(bench.port, { path: "/b/k", headers: signed("s3") })).body.toString()).toBe("ok");
    expect(bench.recorder.calls).toEqual([]);
    await bench.metrics.idle(1);
    expect(Object.fromEntries(bench.metrics.counts)).toEqual({ "unrecorded not-selected": 1, "finished s3 ok": 1 });
  });

  test("are handed to identities that learn from them", async () => {
    const learned: string[] = [];
    const bench = await startBench({
      peer: (message, response) => message.resume().on("end", () => response.end(`{"IdentityId":"i"}`)),
      identities: {
        resolve: () => ({ accountId: "1", caller: { kind: "anonymous" } }),
        learnsFrom: ({ operationName }) => operationName === "GetId",
        learn: ({ output }) => void learned.push(JSON.stringify(output)),
        close: async () => {},
      },
    });
    bench.recorder.selects = () => false;
    await call(
      bench.port,
      { method: "POST", path: "/", headers: jsonTarget("cognito-identity", "AWSCognitoIdentityService.GetId") },
      "{}",
    );
    expect(learned).toEqual([`{"IdentityId":"i"}`]);
    expect(bench.recorder.calls).toEqual([]);
  });

  test.each([
    ["SignatureDoesNotMatch", 403],
    ["ExpiredToken", 400],
    ["InvalidAccessKeyId", 403],
  ])("%s was nobody's call", async (code, status) => {
    const peer = (_message: unknown, response: ServerResponse) =>
      void response.writeHead(status).end(`<Error><Code>${code}</Code><Message>m</Message></Error>`);
    const quiet = await startBench({ peer });
    const thorough = await startBench({ peer, recordUnauthenticated: true });
    for (const bench of [quiet, thorough])
      expect((await call(bench.port, { path: "/b/k", headers: signed("s3") })).status).toBe(status);
    expect(quiet.recorder.calls).toEqual([]);
    expect(quiet.metrics.counts.get("unrecorded unauthenticated")).toBe(1);
    expect(thorough.recorder.calls[0]?.error).toEqual({ code, message: "m", status });
  });
});
