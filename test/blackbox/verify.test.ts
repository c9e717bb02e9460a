import { CloudTrailClient, DescribeTrailsCommand } from "@aws-sdk/client-cloudtrail";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startOpenTrail, until, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { startBackend } from "../support/recorded-backend.ts";
import { ACCOUNT, ALICE, verifiedConfig } from "../support/verified-config.ts";

let trail: OpenTrailProcess;

beforeAll(async () => {
  trail = await startOpenTrail({ flags: ["--config", verifiedConfig()] });
});
afterAll(async () => {
  await trail?.remove();
});

const settings = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = ALICE) => ({
  endpoint: trail.url,
  region: "eu-west-1",
  credentials,
  maxAttempts: 1,
  forcePathStyle: true,
});
const nameOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => "let in",
    (error: Error) => error.name,
  );

describe("with auth.mode: verify", () => {
  test("whoever has the secret works as ever", async () => {
    const s3 = new S3Client(settings());
    await s3.send(new CreateBucketCommand({ Bucket: "verified" }));
    const body = randomBytes(2_000_000);
    await s3.send(new PutObjectCommand({ Bucket: "verified", Key: "a b/ü!*'()", Body: body, Metadata: { note: "a  b" } }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "verified", Key: "a b/ü!*'()" }));
    expect(Buffer.compare(Buffer.from(await Body!.transformToByteArray()), body)).toBe(0);
    expect((await new STSClient(settings()).send(new GetCallerIdentityCommand())).Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/alice`);
    await new DynamoDBClient(settings()).send(new ListTablesCommand());
    await new SQSClient(settings()).send(new ListQueuesCommand());
    await new CloudTrailClient(settings()).send(new DescribeTrailsCommand());
  });

  test("nobody else gets in, whoever is asked, and the SDKs know why", async () => {
    const thief = settings({ ...ALICE, secretAccessKey: "wrong" });
    const stranger = settings({ ...ALICE, accessKeyId: "AKIARZPUZDIKUNKNOWN0" });
    expect(await nameOf(new S3Client(thief).send(new ListBucketsCommand()))).toBe("SignatureDoesNotMatch");
    expect(await nameOf(new S3Client(stranger).send(new ListBucketsCommand()))).toBe("InvalidAccessKeyId");
    expect(await nameOf(new DynamoDBClient(thief).send(new ListTablesCommand()))).toBe("InvalidSignatureException");
    expect(await nameOf(new DynamoDBClient(stranger).send(new ListTablesCommand()))).toBe("UnrecognizedClientException");
    expect(await nameOf(new CloudTrailClient(thief).send(new DescribeTrailsCommand()))).toBe("InvalidSignatureException");
    expect(await nameOf(new CloudTrailClient(stranger).send(new DescribeTrailsCommand()))).toBe("UnrecognizedClientException");
    const late = { ...settings(), systemClockOffset: -16 * 60_000 };
    expect(await nameOf(new S3Client(late).send(new ListBucketsCommand()))).toBe("RequestTimeTooSkewed");
    const anonymous = await fetch(`${trail.url}/verified/key`);
    expect([anonymous.status, await anonymous.text()]).toEqual([403, expect.stringContaining("<Code>AccessDenied</Code>")]);
  });

  test("refusals are counted by their code, and are no events", async () => {
    const before = (await trail.events()).length;
    const thief = settings({ ...ALICE, secretAccessKey: "wrong" });
    await nameOf(new STSClient(thief).send(new GetCallerIdentityCommand()));
    await new STSClient(settings()).send(new GetCallerIdentityCommand());
    await until(async () => ((await trail.events()).length > before ? true : undefined), "the event of the call that was let in");
    expect((await trail.events()).length).toBe(before + 1);
    const authorization = `Bearer ${readFileSync(join(trail.dataDir, "operator.token"), "utf8").trim()}`;
    const metrics = await (await fetch(`${trail.url}/_opentrail/metrics`, { headers: { authorization } })).text();
    expect(metrics).toMatch(/opentrail_gateway_authentication_refusals_total\{code="SignatureDoesNotMatch"\} [1-9]/);
    expect(metrics).toMatch(/opentrail_gateway_unrecorded_total\{reason="unauthenticated"\} [1-9]/);
  });
});

test("behind another one that checks, what the first one signs holds: bodies whole and in chunks with a trailer", async () => {
  const front = await startOpenTrail({ flags: ["--config", verifiedConfig(), "--upstream", trail.url] });
  try {
    const s3 = new S3Client({ ...settings(), endpoint: front.url });
    await s3.send(new CreateBucketCommand({ Bucket: "behind-another" }));
    const body = randomBytes(700_000);
    const read = async (Key: string): Promise<Buffer> => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: "behind-another", Key }));
      return Buffer.from(await Body!.transformToByteArray());
    };
    await s3.send(new PutObjectCommand({ Bucket: "behind-another", Key: "whole", Body: body }));
    expect((await read("whole")).equals(body)).toBe(true);
    const parts = [body.subarray(0, 100_000), body.subarray(100_000)];
    const streamed = { Body: Readable.from(parts), ContentLength: body.length };
    await s3.send(new PutObjectCommand({ Bucket: "behind-another", Key: "streamed", ...streamed }));
    expect((await read("streamed")).equals(body)).toBe(true);
    await new DynamoDBClient({ ...settings(), endpoint: front.url }).send(new ListTablesCommand());
    await new SQSClient({ ...settings(), endpoint: front.url }).send(new ListQueuesCommand());
  } finally {
    await front.remove();
  }
});

test("a session works with its own token alone", async () => {
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  const session = { accessKeyId: "ASIARZPUZDIKSESSION0", secretAccessKey: "session/secret+0", sessionToken: "FwoGZXIvYXdzE+/=" };
  const credentials =
    `<Credentials><AccessKeyId>${session.accessKeyId}</AccessKeyId><SecretAccessKey>${session.secretAccessKey}</SecretAccessKey>` +
    `<SessionToken>${session.sessionToken}</SessionToken><Expiration>${expiration}</Expiration></Credentials>`;
  const user = `<AssumedRoleUser><AssumedRoleId>AROADEPLOYER00000000A:ci</AssumedRoleId><Arn>arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/ci</Arn></AssumedRoleUser>`;
  const seen: { host: string | undefined; authorization: string | undefined }[] = [];
  const backend = await startBackend(({ headers }) => {
    seen.push({ host: headers.host, authorization: headers.authorization });
    return {
      headers: { "content-type": "text/xml" },
      body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>${credentials}${user}</AssumeRoleResult></AssumeRoleResponse>`,
    };
  });
  const learning = await startOpenTrail({ flags: ["--config", verifiedConfig(), "--upstream", backend.url] });
  try {
    const as = (who: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
      new STSClient({ ...settings(who), endpoint: learning.url });
    const assume = new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/Deployer`, RoleSessionName: "ci" });
    expect(await nameOf(as(session).send(assume))).toBe("InvalidClientTokenId");
    await as(ALICE).send(assume);
    expect(await nameOf(as(session).send(assume))).toBe("let in");
    const { accessKeyId, secretAccessKey, sessionToken } = session;
    expect(await nameOf(as({ accessKeyId, secretAccessKey }).send(assume))).toBe("InvalidClientTokenId");
    expect(await nameOf(as({ ...session, sessionToken: `${sessionToken}x` }).send(assume))).toBe("InvalidClientTokenId");
    expect(await nameOf(as({ ...session, secretAccessKey: "wrong" }).send(assume))).toBe("SignatureDoesNotMatch");
    // Two calls came through, signed by their callers' keys, for the backend's own name.
    expect(seen.map(({ host }) => host)).toEqual([new URL(backend.url).host, new URL(backend.url).host]);
    expect(seen[0]?.authorization).toContain(`Credential=${ALICE.accessKeyId}/`);
    expect(seen[1]?.authorization).toContain(`Credential=${accessKeyId}/`);
  } finally {
    await learning.remove();
    await backend.close();
  }
});

test("a refused caller is recorded where the operator wants it, as nobody's call", async () => {
  const recording = await startOpenTrail({ flags: ["--config", verifiedConfig("capture: { recordUnauthenticated: true }")] });
  try {
    const client = new STSClient({ ...settings({ ...ALICE, secretAccessKey: "wrong" }), endpoint: recording.url });
    expect(await nameOf(client.send(new GetCallerIdentityCommand()))).toBe("SignatureDoesNotMatch");
    const [record] = await recording.untilEvents({ eventName: "GetCallerIdentity" });
    expect(record).toMatchObject({ errorCode: "SignatureDoesNotMatch", recipientAccountId: ACCOUNT });
    expect(record!["userIdentity"]).toEqual({ type: "Unknown", accountId: ACCOUNT, accessKeyId: ALICE.accessKeyId });
  } finally {
    await recording.remove();
  }
});

test("it may serve any address", async () => {
  const open = await startOpenTrail({ flags: ["--config", verifiedConfig(), "--listen", "0.0.0.0:0"] });
  try {
    const { port } = new URL(open.url);
    expect((await fetch(`http://127.0.0.1:${port}/_opentrail/health`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/_opentrail/events`)).status).toBe(403);
  } finally {
    await open.remove();
  }
});

test("without any secret it does not start, and says what is missing", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "opentrail-config-")), "opentrail.yaml");
  writeFileSync(
    path,
    `auth: { mode: verify }\naccounts: [{ id: "${ACCOUNT}", users: [{ name: alice, accessKeys: [{ id: AKIAX00 }] }] }]\n`,
  );
  await expect(startOpenTrail({ flags: ["--config", path] })).rejects.toThrow(
    /auth\.mode: verify needs at least one access key with its secret/,
  );
});
