import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startOpenTrail } from "../support/opentrail-process.ts";
import { peer, run } from "../support/peers.ts";

const aws = peer("aws");
/** The Python that the AWS CLI was installed with has boto3 beside it. */
const python = aws === undefined ? undefined : ["python3", "python"].map((name) => join(aws, "..", name)).find(existsSync);

describe.skipIf(python === undefined)("boto3", () => {
  test("an application's first minutes, on the embedded account", async () => {
    const trail = await startOpenTrail();
    try {
      const ran = await run(python!, [join(import.meta.dirname, "scripts/tour.py"), trail.url], { AWS_CONFIG_FILE: "/dev/null" });
      expect(ran).toEqual({ status: 0, stdout: "OK\n", stderr: "" });
    } finally {
      await trail.remove();
    }
  });
});
