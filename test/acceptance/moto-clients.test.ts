import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMoto, type MotoServer } from "../support/moto-server.ts";
import { startOpenTrail, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { peer, run } from "../support/peers.ts";
import { expectRecord } from "../support/record-shape.ts";
import { sdkTour } from "../support/sdk-tour.ts";

const moto_server = peer("moto_server");
const python =
  moto_server === undefined ? undefined : ["python3", "python"].map((name) => join(moto_server, "..", name)).find(existsSync);

describe.skipIf(python === undefined)("other clients before moto", () => {
  let moto: MotoServer;
  let trail: OpenTrailProcess;

  beforeAll(async () => {
    moto = await startMoto();
    trail = await startOpenTrail({ flags: ["--upstream", moto.url, "--account-id", "123456789012", "--history-data-events"] });
  });
  afterAll(async () => {
    await trail?.remove();
    await moto?.stop();
  });

  test("boto3", async () => {
    const ran = await run(python!, [join(import.meta.dirname, "scripts/tour.py"), trail.url], { AWS_CONFIG_FILE: "/dev/null" });
    expect(ran).toEqual({ status: 0, stdout: "OK\n", stderr: "" });
  });

  test("the JavaScript SDK v3", async () => {
    await sdkTour({
      endpoint: trail.url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
    await trail.untilEvents({ eventName: "GetCallerIdentity", region: "us-east-1" });
  });

  test("every record has AWS's shape", async () => {
    const records = await trail.events();
    expect(records.length).toBeGreaterThan(30);
    for (const record of records) expectRecord(record);
    expect(new Set(records.map((record) => record["eventName"]))).toContain("PutObject");
  });
});
