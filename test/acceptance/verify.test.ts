import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsCli, type AwsCli } from "../support/aws-cli.ts";
import { startMoto, type MotoServer } from "../support/moto-server.ts";
import { startOpenTrail, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { peer, run } from "../support/peers.ts";
import { ALICE, verifiedConfig } from "../support/verified-config.ts";

const aws = peer("aws");
const python = aws === undefined ? undefined : ["python3", "python"].map((name) => join(aws, "..", name)).find(existsSync);

/** Two that check signatures, one behind the other: the second one proves what the first one signs. */
describe.skipIf(python === undefined || peer("moto_server") === undefined)(
  "two endpoints that check signatures, one behind the other",
  () => {
    let moto: MotoServer;
    let back: OpenTrailProcess;
    let front: OpenTrailProcess;
    let cli: AwsCli;

    beforeAll(async () => {
      const config = verifiedConfig();
      moto = await startMoto();
      back = await startOpenTrail({ flags: ["--config", config, "--upstream", moto.url] });
      front = await startOpenTrail({ flags: ["--config", config, "--upstream", back.url] });
      cli = awsCli({ endpoint: front.url, ...ALICE });
    });
    afterAll(async () => {
      await front?.remove();
      await back?.remove();
      await moto?.stop();
    });

    test("the AWS CLI works as ever", async () => {
      const files = mkdtempSync(join(tmpdir(), "opentrail-files-"));
      const local = join(files, "local");
      writeFileSync(local, randomBytes(20_000_000));
      for (const line of [
        ["s3", "mb", "s3://through-two"],
        ["s3", "cp", local, "s3://through-two/a b/ü.bin", "--quiet"],
        ["s3", "cp", "s3://through-two/a b/ü.bin", join(files, "back"), "--quiet"],
        ["sqs", "create-queue", "--queue-name", "jobs"],
        ["dynamodb", "list-tables"],
        ["sts", "get-caller-identity"],
        ["cloudtrail", "lookup-events", "--max-items", "1"],
      ]) {
        expect(await cli(...line), line.join(" ")).toMatchObject({ status: 0 });
      }
      expect(readFileSync(join(files, "back")).equals(readFileSync(local))).toBe(true);
    });

    test("and refuses strangers in AWS's words", async () => {
      const stranger = awsCli({ endpoint: front.url, ...ALICE, secretAccessKey: "wrong" });
      expect((await stranger("s3", "ls")).stderr).toContain(
        "(SignatureDoesNotMatch) when calling the ListBuckets operation: The request signature we calculated does not match",
      );
      expect((await stranger("dynamodb", "list-tables")).stderr).toContain("(InvalidSignatureException)");
      expect((await cli("s3", "ls", "--no-sign-request")).stderr).toContain("(AccessDenied)");
      expect((await cli("sqs", "list-queues", "--no-sign-request")).stderr).toContain("MissingAuthenticationToken");
    });

    test("boto3 too: long bodies, parts, links, sessions", async () => {
      const script = join(import.meta.dirname, "scripts/verified.py");
      const ran = await run(python!, [script, front.url], { AWS_CONFIG_FILE: "/dev/null" });
      expect(ran).toEqual({ status: 0, stdout: "OK\n", stderr: "" });
    });
  },
);
