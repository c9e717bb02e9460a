import { request } from "node:https";
import { afterEach, expect, test } from "vitest";
import { call, closeBenches, signed, startBench } from "./gateway-bench.test-support.ts";
import { selfSigned } from "./self-signed.test-support.ts";
import { createHttpUpstream } from "./http-upstream.ts";
import { createRehostedUpstream } from "./rehosted-upstream.ts";

const { certificate, key } = selfSigned();

afterEach(closeBenches);

async function fetchTls(port: number, options: { maxVersion?: "TLSv1.2"; ciphers?: string } = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  request(
    {
      host: "127.0.0.1",
      port,
      path: "/b/k",
      headers: signed("s3"),
      ca: certificate,
      servername: "localhost",
      agent: false,
      ...options,
    },
    (message) => {
      let text = "";
      message.setEncoding("utf8");
      message.on("data", (chunk: string) => (text += chunk));
      message.on("end", () => resolve(text));
    },
  )
    .on("error", reject)
    .end();
  return promise;
}

test("HTTPS is recorded with what was agreed", async () => {
  const bench = await startBench({ tls: { certificate, key } });
  expect(bench.gateway.address).toMatch(/^https:/);
  expect(await fetchTls(bench.port)).toBe("ok");
  expect(
    await fetchTls(bench.port, { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256" }),
  ).toBe("ok");
  expect(bench.recorder.calls.map(({ tls }) => tls)).toEqual([
    { version: "TLSv1.3", cipherSuite: expect.stringMatching(/^TLS_AES_/) as string },
    { version: "TLSv1.2", cipherSuite: expect.stringMatching(/^ECDHE-(RSA|ECDSA)-AES128-GCM-SHA256$/) as string },
  ]);
});

test("an HTTPS upstream is checked against its own name, not the client's Host", async () => {
  const behind = await startBench({ tls: { certificate, key } });
  const url = `https://localhost:${behind.port}`;
  const front = await startBench({ endpoint: createHttpUpstream({ url, certificateAuthority: certificate }) });
  const answer = await call(front.port, { path: "/b/k", headers: signed("s3", { host: "bucket.example" }) });
  expect(answer.body.toString()).toBe("ok");
  expect(behind.recorder.calls[0]?.request.host).toBe("bucket.example");

  const doubting = await startBench({ endpoint: createHttpUpstream({ url }) });
  expect((await call(doubting.port, { path: "/b/k", headers: signed("s3") })).status).toBe(503);
  expect(doubting.recorder.calls[0]?.notes).toEqual({ upstreamFailure: "unreachable" });
});

test("an upstream may be given its own name", async () => {
  const behind = await startBench();
  const url = `http://127.0.0.1:${behind.port}`;
  const front = await startBench({ endpoint: createRehostedUpstream(createHttpUpstream({ url }), url) });
  await call(front.port, { path: "/b/k", headers: signed("s3", { host: "bucket.example" }) });
  expect(behind.recorder.calls[0]?.request.host).toBe(`127.0.0.1:${behind.port}`);
  expect(() => createHttpUpstream({ url: "http://h/path" })).toThrow(/is not http/);
});
