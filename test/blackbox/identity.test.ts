import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startOpenTrail, until, type CloudTrailRecord, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { startBackend, type Backend } from "../support/recorded-backend.ts";
import { expectRecord } from "../support/record-shape.ts";

const ACCOUNT = "123456789012";
const CONFIG = `
accountId: "${ACCOUNT}"
accounts:
  - id: "${ACCOUNT}"
    alias: acme
    root: { accessKeys: [{ id: AKIAROOTKEY0000000A }] }
    users:
      - { name: alice, path: /people/, accessKeys: [{ id: AKIAALICEKEY000000A }] }
    roles:
      - { name: Deployer, path: /ci/ }
    services:
      - { principal: cloudformation.amazonaws.com, accessKeys: [{ id: AKIASERVICEKEY0000A }] }
`;

/** Two segments of a token are read; nobody checks the third. */
const jwt = ["{}", JSON.stringify({ iss: "https://oidc.example/id", aud: "app-1", sub: "pod-7" }), "x"]
  .map((part) => Buffer.from(part).toString("base64url"))
  .join(".");

const assumed = (session: string) =>
  `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIASESSIONKEY00000A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROADEPLOYER00000000A:${session}</AssumedRoleId><Arn>arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/${session}</Arn></AssumedRoleUser></AssumeRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>`;

let backend: Backend;
let trail: OpenTrailProcess;
const config = join(mkdtempSync(join(tmpdir(), "opentrail-config-")), "opentrail.yaml");

beforeAll(async () => {
  writeFileSync(config, CONFIG);
  backend = await startBackend((_request, body) => {
    const form = new URLSearchParams(body.toString());
    if (form.get("Action") === "AssumeRole") return { headers: { "content-type": "text/xml" }, body: assumed("ci-run-42") };
    return { headers: { "content-type": "text/xml" }, body: "<Response/>" };
  });
  trail = await startOpenTrail({ flags: ["--config", config, "--upstream", backend.url] });
});
afterAll(async () => {
  await trail?.remove();
  await backend?.close();
});

/** An IAM or STS call with that key; answers its record. */
async function recordOf(
  keyId: string | undefined,
  action: string,
  form: Record<string, string> = {},
  token?: string,
): Promise<CloudTrailRecord> {
  const service = action.startsWith("Assume") || action.startsWith("GetCaller") ? "sts" : "iam";
  const version = service === "sts" ? "2011-06-15" : "2010-05-08";
  const known = new Set((await trail.events()).map((record) => record["eventID"]));
  await fetch(`${trail.url}/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "user-agent": "test/1",
      ...(keyId === undefined
        ? {}
        : {
            authorization: `AWS4-HMAC-SHA256 Credential=${keyId}/20260302/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
          }),
      ...(token === undefined ? {} : { "x-amz-security-token": token }),
    },
    body: new URLSearchParams({ Action: action, Version: version, ...form }),
  });
  const record = await until(
    async () => (await trail.events({ eventName: action })).find((one) => !known.has(one["eventID"])),
    `a new record of ${action}`,
  );
  expectRecord(record);
  return record;
}

test("root, with the account's alias", async () => {
  expect((await recordOf("AKIAROOTKEY0000000A", "ListUsers"))["userIdentity"]).toEqual({
    type: "Root",
    principalId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:root`,
    accountId: ACCOUNT,
    accessKeyId: "AKIAROOTKEY0000000A",
    userName: "acme",
  });
});

test("an IAM user, with the path in the ARN", async () => {
  expect((await recordOf("AKIAALICEKEY000000A", "ListRoles"))["userIdentity"]).toEqual({
    type: "IAMUser",
    principalId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    arn: `arn:aws:iam::${ACCOUNT}:user/people/alice`,
    accountId: ACCOUNT,
    accessKeyId: "AKIAALICEKEY000000A",
    userName: "alice",
  });
});

test("a role's session: issuer with path, session name, source identity, MFA; after a restart too", async () => {
  await recordOf("AKIAALICEKEY000000A", "AssumeRole", {
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/ci/Deployer`,
    RoleSessionName: "ci-run-42",
    SourceIdentity: "alice",
    SerialNumber: `arn:aws:iam::${ACCOUNT}:mfa/alice`,
    TokenCode: "123456",
  });
  const identity = {
    type: "AssumedRole",
    principalId: "AROADEPLOYER00000000A:ci-run-42",
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/ci-run-42`,
    accountId: ACCOUNT,
    accessKeyId: "ASIASESSIONKEY00000A",
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: "AROADEPLOYER00000000A",
        arn: `arn:aws:iam::${ACCOUNT}:role/ci/Deployer`,
        accountId: ACCOUNT,
        userName: "Deployer",
      },
      attributes: { creationDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/), mfaAuthenticated: "true" },
      sourceIdentity: "alice",
    },
  };
  expect((await recordOf("ASIASESSIONKEY00000A", "ListGroups", {}, "t"))["userIdentity"]).toEqual(identity);
  const [found] = await trail.events({ username: "ci-run-42" });
  expect(found!["eventName"]).toBe("ListGroups");

  await trail.stop();
  trail = await startOpenTrail({ dataDir: trail.dataDir, flags: ["--config", config, "--upstream", backend.url] });
  expect((await recordOf("ASIASESSIONKEY00000A", "ListPolicies", {}, "t"))["userIdentity"]).toEqual(identity);
});

test("a service of the backend: AWSService, and its name for address and agent", async () => {
  const record = await recordOf("AKIASERVICEKEY0000A", "CreateRole", { RoleName: "made-by-a-stack" });
  expect(record).toMatchObject({
    userIdentity: { type: "AWSService", invokedBy: "cloudformation.amazonaws.com" },
    sourceIPAddress: "cloudformation.amazonaws.com",
    userAgent: "cloudformation.amazonaws.com",
    recipientAccountId: ACCOUNT,
  });
  expect(record["userIdentity"]).toEqual({ type: "AWSService", invokedBy: "cloudformation.amazonaws.com" });
  expect(record).not.toHaveProperty("tlsDetails");
});

test("a web identity: known by its token alone, which is not recorded", async () => {
  const record = await recordOf(undefined, "AssumeRoleWithWebIdentity", {
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/ci/Deployer`,
    RoleSessionName: "pod",
    WebIdentityToken: jwt,
  });
  expect(record["userIdentity"]).toMatchObject({
    type: "WebIdentityUser",
    principalId: `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.example/id:app-1:pod-7`,
    userName: "pod-7",
    identityProvider: `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.example/id`,
  });
  expect(JSON.stringify(record)).not.toContain(jwt);
});

test("a key that nobody knows: the account inside it, and nothing invented", async () => {
  expect((await recordOf("AKIARZPUZDIKGB2VALC4", "ListInstanceProfiles"))["userIdentity"]).toEqual({
    type: "Unknown",
    accountId: "123456789012",
    accessKeyId: "AKIARZPUZDIKGB2VALC4",
  });
});

test("nobody at all", async () => {
  const known = (await trail.events({ eventName: "ListBuckets" })).length;
  await fetch(`${trail.url}/`, { headers: { "user-agent": "test/1", host: "s3.amazonaws.com" } });
  const [record] = await trail.untilEvents({ eventName: "ListBuckets" }, known + 1);
  expect(record!["userIdentity"]).toEqual({ type: "AWSAccount", principalId: "", accountId: "anonymous" });
  expect(record!["additionalEventData"]).not.toHaveProperty("AuthenticationMethod");
});
