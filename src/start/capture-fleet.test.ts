import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogger } from "../base/logger.ts";
import { selfSigned } from "../capture/gateway/self-signed.test-support.ts";
import { compose, type Running } from "./compose.ts";
import { readConfig } from "./read-config.ts";

const { certificate, key } = selfSigned();
let directory: string;
let running: Running | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "capture-fleet-"));
  writeFileSync(join(directory, "certificate.pem"), certificate);
  writeFileSync(join(directory, "key.pem"), key);
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(directory, { recursive: true });
});

async function start(dataDir: string, more: string): Promise<Running> {
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, `capture: { processes: 2 }\nlog: { level: error }\n${more}`);
  running = await compose(readConfig({ config, dataDir, listen: "127.0.0.1:0" }, {}), createLogger("silent"));
  return running;
}

async function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  return await new Promise((resolve, reject) => {
    request(url, { ca: certificate, servername: "localhost", agent: false, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
}

test("HTTPS by two processes, in a data directory whose path is too long for a socket", { timeout: 40_000 }, async () => {
  const tls = `tls: { certificate: ${join(directory, "certificate.pem")}, key: ${join(directory, "key.pem")} }`;
  const { url } = await start(join(directory, "d".repeat(120)), tls);
  expect(url).toMatch(/^https:/);
  const authorization = "AWS4-HMAC-SHA256 Credential=test/20260302/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=00";
  for (let call = 0; call < 4; call++) {
    expect(await get(`${url}/?Action=GetCallerIdentity&Version=2011-06-15`, { authorization })).toContain("<Arn>");
  }
  let records: { tlsDetails: unknown; sourceIPAddress: string }[] = [];
  while (records.length < 4) {
    records = (JSON.parse(await get(`${url}/_opentrail/events?eventName=GetCallerIdentity`)) as { events: typeof records })
      .events;
  }
  for (const { tlsDetails, sourceIPAddress } of records) {
    expect([tlsDetails, sourceIPAddress]).toEqual([expect.objectContaining({ tlsVersion: "TLSv1.3" }), "127.0.0.1"]);
  }
});

test("a key that does not fit keeps all from starting, and says so", { timeout: 40_000 }, async () => {
  writeFileSync(join(directory, "key.pem"), selfSigned().key);
  const tls = `tls: { certificate: ${join(directory, "certificate.pem")}, key: ${join(directory, "key.pem")} }`;
  await expect(start(join(directory, "data"), tls)).rejects.toMatchObject({
    code: expect.stringContaining("ERR_OSSL") as string,
  });
});
