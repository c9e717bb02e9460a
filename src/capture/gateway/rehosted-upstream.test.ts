import { afterEach, expect, test } from "vitest";
import { call, closeBenches, signed, startBench } from "./gateway-bench.test-support.ts";
import { createHttpUpstream } from "./http-upstream.ts";
import { createRehostedUpstream } from "./rehosted-upstream.ts";

afterEach(closeBenches);

test("where nobody checks signatures, the Host alone is the upstream's; the signature stays as it came", async () => {
  const seen: (readonly string[])[] = [];
  const behind = await startBench({
    peer: (message, response) => {
      seen.push(message.rawHeaders);
      message.resume().on("end", () => response.end("ok"));
    },
  });
  const url = `http://127.0.0.1:${behind.upstreamPort}`;
  const endpoint = createRehostedUpstream(createHttpUpstream({ url }), url);
  const front = await startBench({ endpoint });
  const headers = signed("s3", { host: "elsewhere.test", "x-amz-meta-a": "b" });
  expect((await call(front.port, { path: "/b/k", headers })).status).toBe(200);
  const lines = seen[0] ?? [];
  const valuesOf = (name: string): readonly string[] =>
    lines.filter((_, at) => at % 2 === 1 && lines[at - 1]?.toLowerCase() === name);
  expect(valuesOf("host")).toEqual([`127.0.0.1:${behind.upstreamPort}`]);
  expect(valuesOf("authorization")).toEqual([headers["authorization"]]);
  expect(valuesOf("x-amz-meta-a")).toEqual(["b"]);
});
