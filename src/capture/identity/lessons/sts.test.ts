import { describe, expect, test } from "vitest";
import type { TreeObject } from "../../../aws/tree.ts";
import type { Caller } from "../../../event/caller.ts";
import { ACCOUNT, Lab } from "../fixtures/lab.ts";

const OTHER = "210987654321";
const user = { kind: "user", accountId: ACCOUNT };

describe("sts", () => {
  test("AssumeRole: the session, with the path of the request and the id of the answer", async () => {
    await using lab = new Lab();
    const call = lab.assumeRole("ASIAROLE", { key: OTHER });
    expect(call.accountId).toBe(OTHER);
    expect(lab.who("ASIAROLE")).toEqual({
      kind: "role-session",
      accountId: ACCOUNT,
      accessKeyId: "ASIAROLE",
      roleId: "AROARZPUZDIKDAEXAMPLE",
      roleArn: `arn:aws:iam::${ACCOUNT}:role/ops/Deployer`,
      roleName: "Deployer",
      sessionName: "ci-run-42",
      session: {
        creationDate: "2026-03-02T09:00:11Z",
        mfaAuthenticated: false,
        assumedBy: [OTHER, `arn:aws:iam::${OTHER}:root`],
      },
    });
    expect(lab.accountOf("ASIAROLE")).toBe(ACCOUNT);
  });

  test("AssumeRole: who began the session, and with which policies, by every name that policies know them by", async () => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIABOB", { key: ACCOUNT });
    const Policy = '{"Statement":[]}';
    lab.assumeRole("ASIA1", {
      key: "AKIABOB",
      input: { Policy, PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }] },
    });
    const account = [ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`];
    expect(lab.who("ASIA1")).toMatchObject({
      session: {
        policies: [Policy, "arn:aws:iam::aws:policy/ReadOnlyAccess"],
        assumedBy: [...account, `arn:aws:iam::${ACCOUNT}:user/bob`],
      },
    });
    lab.assumeRole("ASIA2", { key: "ASIA1" });
    const { session } = lab.who("ASIA2") as Extract<Caller, { kind: "role-session" }>;
    expect(session.policies).toBeUndefined();
    expect(session.assumedBy).toEqual([
      ...account,
      `arn:aws:iam::${ACCOUNT}:role/ops/Deployer`,
      `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/ci-run-42`,
    ]);
    lab.assumeRole("ASIA3", { key: "nobody" });
    expect(lab.who("ASIA3")).not.toHaveProperty("session.assumedBy");
  });

  test.each([
    ["a document that is too long", { Policy: "x".repeat(2049) }],
    ["a document that is none", { Policy: 7 }],
    ["an empty document", { Policy: "" }],
    ["ARNs that are none", { PolicyArns: [{ arn: 7 }] }],
    ["a list that is none", { PolicyArns: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
  ])("AssumeRole with %s: a session whose policies nobody can read", async (_what, input) => {
    await using lab = new Lab();
    lab.assumeRole("ASIAROLE", { input: input as TreeObject });
    expect(lab.who("ASIAROLE")).toMatchObject({ session: { policies: [""] } });
  });

  test("further credentials of a bounded session are bounded too", async () => {
    await using lab = new Lab();
    lab.assumeRole("ASIA1", { key: ACCOUNT, input: { Policy: '{"Statement":[]}' } });
    lab.assumeRole("ASIA2", { key: "ASIA1", output: { AssumedRoleUser: {} } });
    expect(lab.who("ASIA2")).toMatchObject({ session: { policies: [""], assumedBy: [ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`] } });
  });

  test("AssumeRole: MFA is a serial number and a code, and a source identity stays through a chain of roles", async () => {
    await using lab = new Lab();
    lab.assumeRole("ASIA1", {
      input: { SerialNumber: `arn:aws:iam::${ACCOUNT}:mfa/bob`, TokenCode: "123456", SourceIdentity: "bob" },
    });
    expect(lab.who("ASIA1")).toMatchObject({ session: { mfaAuthenticated: true, sourceIdentity: "bob" } });
    lab.assumeRole("ASIA2", { key: "ASIA1", input: { SerialNumber: "x" } });
    lab.assumeRole("ASIA3", { key: "ASIA2" });
    expect(lab.who("ASIA3")).toMatchObject({ session: { mfaAuthenticated: false, sourceIdentity: "bob" } });
  });

  test("a session is over when it expires, with five minutes for clocks that differ", async () => {
    await using lab = new Lab();
    lab.assumeRole("ASIAROLE");
    lab.now += 3_600_000 + 5 * 60_000 - 2;
    expect(lab.who("ASIAROLE").kind).toBe("role-session");
    lab.now += 1;
    expect(lab.who("ASIAROLE")).toEqual({ kind: "unknown", accountId: "000000000000", accessKeyId: "ASIAROLE" });
    expect(lab.identities.secretOf("ASIAROLE")).toBeUndefined();
  });

  test("AssumeRole as MinIO answers it: further credentials of the caller", async () => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIABOB", { key: ACCOUNT });
    lab.assumeRole("ASIAMINIO", { key: "AKIABOB", output: { AssumedRoleUser: { Arn: "", AssumeRoleId: "" } } });
    expect(lab.who("ASIAMINIO")).toMatchObject({ ...user, userName: "bob", session: { mfaAuthenticated: false } });
    lab.assumeRole("ASIANOBODY", { key: "minioadmin", output: { AssumedRoleUser: {} } });
    expect(lab.who("ASIANOBODY")).toEqual({ kind: "unknown", accountId: "000000000000", accessKeyId: "ASIANOBODY" });
    expect(lab.identities.secretOf("ASIANOBODY")?.secretAccessKey).toBe("secret of ASIANOBODY");
  });

  test("AssumeRole as Ceph answers it: ARNs without an account are of the caller's", async () => {
    await using lab = new Lab();
    const AssumedRoleUser = { Arn: "arn:aws:sts:::assumed-role/S3Access/Bob", AssumedRoleId: "f9a0f6d2-1b2c:Bob" };
    lab.assumeRole("ASIACEPH", { key: OTHER, input: { RoleArn: "arn:aws:iam:::role/S3Access" }, output: { AssumedRoleUser } });
    expect(lab.who("ASIACEPH")).toMatchObject({
      kind: "role-session",
      accountId: OTHER,
      roleName: "S3Access",
      sessionName: "Bob",
    });
  });

  test("AssumeRoleWithWebIdentity: the token's holder calls, the session remembers the provider", async () => {
    await using lab = new Lab();
    const payload = {
      iss: "https://token.actions.githubusercontent.com",
      aud: "sts.amazonaws.com",
      sub: "repo:acme/app:ref:refs/heads/main",
    };
    const WebIdentityToken = `e30.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.c2ln`;
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/ops/Deployer`;
    const AssumedRoleUser = {
      AssumedRoleId: "AROARZPUZDIKDAEXAMPLE:gh",
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/gh`,
    };
    const call = lab.call("sts", "AssumeRoleWithWebIdentity", {
      input: { RoleArn, RoleSessionName: "gh", WebIdentityToken },
      output: { Credentials: lab.credentials("ASIAGH"), AssumedRoleUser, SourceIdentity: "main" },
    });
    const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
    expect(call.caller).toEqual({
      kind: "web-identity",
      principalId: `${provider}:sts.amazonaws.com:repo:acme/app:ref:refs/heads/main`,
      userName: "repo:acme/app:ref:refs/heads/main",
      identityProvider: provider,
    });
    expect(call.accountId).toBe(ACCOUNT);
    expect(lab.who("ASIAGH")).toMatchObject({
      kind: "role-session",
      roleId: "AROARZPUZDIKDAEXAMPLE",
      roleArn: RoleArn,
      sessionName: "gh",
      session: {
        mfaAuthenticated: false,
        sourceIdentity: "main",
        webIdFederation: { federatedProvider: provider, attributes: {} },
      },
    });
    await lab.restart();
    expect(lab.who("ASIAGH")).toMatchObject({ session: { webIdFederation: { federatedProvider: provider } } });
  });

  test("AssumeRoleWithSAML: the assertion's holder calls", async () => {
    await using lab = new Lab();
    const output = {
      Credentials: lab.credentials("ASIASAML"),
      AssumedRoleUser: { AssumedRoleId: "AROARZPUZDIKDAEXAMPLE:bob", Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/bob` },
      NameQualifier: "SbdGOnUkh1i4+EXAMPLExL/jEvs=",
      Subject: "bob@example.com",
      SourceIdentity: "bob",
    };
    const call = lab.call("sts", "AssumeRoleWithSAML", {
      input: { RoleArn: `arn:aws:iam::${ACCOUNT}:role/ops/Deployer` },
      output,
    });
    expect(call.caller).toEqual({
      kind: "saml",
      principalId: "SbdGOnUkh1i4+EXAMPLExL/jEvs=:bob@example.com",
      userName: "bob@example.com",
      identityProvider: "SbdGOnUkh1i4+EXAMPLExL/jEvs=",
    });
    expect(call.accountId).toBe(ACCOUNT);
    expect(lab.who("ASIASAML")).toMatchObject({ kind: "role-session", sessionName: "bob", session: { sourceIdentity: "bob" } });
  });

  test.each(["AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"])(
    "%s with a token that says nothing: nobody",
    async (operation) => {
      await using lab = new Lab();
      const input = { RoleArn: `arn:aws:iam::${ACCOUNT}:role/Deployer`, WebIdentityToken: "opaque", SAMLAssertion: "b3BhcXVl" };
      const call = lab.call("sts", operation, { input, code: "InvalidIdentityToken" });
      expect(call).toMatchObject({ caller: { kind: "unknown" }, accountId: ACCOUNT });
      expect(call.caller).toEqual({ kind: "unknown" });
    },
  );

  test.each([OTHER, `arn:aws:iam::${OTHER}:root`])("AssumeRoot of %s: that account's root user", async (TargetPrincipal) => {
    await using lab = new Lab();
    lab.call("sts", "AssumeRoot", {
      key: ACCOUNT,
      input: { TargetPrincipal },
      output: { Credentials: lab.credentials("ASIAROOT"), SourceIdentity: "bob" },
    });
    const session = { creationDate: "2026-03-02T09:00:11Z", mfaAuthenticated: false, sourceIdentity: "bob", assumedRoot: true };
    expect(lab.who("ASIAROOT")).toEqual({ kind: "root", accountId: OTHER, accessKeyId: "ASIAROOT", session });
  });

  test("GetSessionToken: the same user or root user, with a session", async () => {
    await using lab = new Lab();
    lab.createUser("bob", { path: "/team/", id: "AIDARZPUZDIKBOB000000" });
    lab.createAccessKey("bob", "AKIABOB");
    const input = { SerialNumber: "GAHT12345678", TokenCode: "123456" };
    lab.call("sts", "GetSessionToken", { key: "AKIABOB", input, output: { Credentials: lab.credentials("ASIABOB") } });
    const arn = `arn:aws:iam::${ACCOUNT}:user/team/bob`;
    const session = { creationDate: "2026-03-02T09:00:11Z", mfaAuthenticated: true };
    expect(lab.who("ASIABOB")).toEqual({
      ...user,
      accessKeyId: "ASIABOB",
      principalId: "AIDARZPUZDIKBOB000000",
      arn,
      userName: "bob",
      session,
    });
    lab.call("sts", "GetSessionToken", { key: ACCOUNT, output: { Credentials: lab.credentials("ASIAROOT") } });
    expect(lab.who("ASIAROOT")).toMatchObject({ kind: "root", accountId: ACCOUNT, session: { mfaAuthenticated: false } });
    lab.call("sts", "GetSessionToken", { key: "nobody", output: { Credentials: lab.credentials("ASIANOBODY") } });
    expect(lab.who("ASIANOBODY")).toEqual({ kind: "unknown", accountId: "000000000000", accessKeyId: "ASIANOBODY" });
  });

  test("GetFederationToken: a federated user, issued by the caller", async () => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIABOB", { key: ACCOUNT });
    const FederatedUser = { FederatedUserId: `${ACCOUNT}:fred`, Arn: `arn:aws:sts::${ACCOUNT}:federated-user/fred` };
    lab.call("sts", "GetFederationToken", {
      key: "AKIABOB",
      input: { Name: "fred" },
      output: { Credentials: lab.credentials("ASIAFRED"), FederatedUser },
    });
    expect(lab.who("ASIAFRED")).toEqual({
      kind: "federated-user",
      accountId: ACCOUNT,
      accessKeyId: "ASIAFRED",
      name: "fred",
      issuer: { ...user, arn: `arn:aws:iam::${ACCOUNT}:user/bob`, userName: "bob" },
      session: { creationDate: "2026-03-02T09:00:11Z", mfaAuthenticated: false },
    });
  });

  test.each([
    [
      "a user",
      `arn:aws:iam::${ACCOUNT}:user/team/bob`,
      "AIDARZPUZDIKBOB000000",
      { ...user, principalId: "AIDARZPUZDIKBOB000000", arn: `arn:aws:iam::${ACCOUNT}:user/team/bob`, userName: "bob" },
    ],
    ["the root user", `arn:aws:iam::${ACCOUNT}:root`, ACCOUNT, { kind: "root", accountId: ACCOUNT }],
    [
      "a role session",
      `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/ci`,
      "AROARZPUZDIKDAEXAMPLE:ci",
      {
        kind: "role-session",
        accountId: ACCOUNT,
        roleId: "AROARZPUZDIKDAEXAMPLE",
        roleArn: `arn:aws:iam::${ACCOUNT}:role/Deployer`,
        roleName: "Deployer",
        sessionName: "ci",
        session: {},
      },
    ],
    [
      "a federated user, whose issuer is not told",
      `arn:aws:sts::${ACCOUNT}:federated-user/fred`,
      `${ACCOUNT}:fred`,
      { kind: "unknown", accountId: ACCOUNT },
    ],
    ["moto's own notion", `arn:aws:sts::${ACCOUNT}:user/moto`, "AKIAIOSFODNN7EXAMPLE", { kind: "unknown", accountId: ACCOUNT }],
  ])("GetCallerIdentity: the key is %s, from this very call on", async (_, Arn, UserId, expected) => {
    await using lab = new Lab();
    const call = lab.call("sts", "GetCallerIdentity", { key: "some-key", output: { Arn, UserId, Account: ACCOUNT } });
    expect(call.caller).toEqual({ ...expected, accessKeyId: "some-key" });
    expect(call.accountId).toBe(ACCOUNT);
    expect(lab.who("some-key")).toEqual({ ...expected, accessKeyId: "some-key" });
    await lab.restart();
    expect(lab.who("some-key")).toEqual({ ...expected, accessKeyId: "some-key" });
  });

  test("GetCallerIdentity with a session token: known for no longer than a session can last", async () => {
    await using lab = new Lab();
    const output = { Arn: `arn:aws:iam::${ACCOUNT}:user/bob`, UserId: "AIDARZPUZDIKBOB000000", Account: ACCOUNT };
    lab.call("sts", "GetCallerIdentity", { key: "Y4RJU1RNFGK48LGO9I2S", sessionToken: "token", output });
    expect(lab.who("Y4RJU1RNFGK48LGO9I2S")).toMatchObject({ kind: "user", session: {} });
    lab.now += 36 * 3_600_000 + 5 * 60_000;
    expect(lab.who("Y4RJU1RNFGK48LGO9I2S").kind).toBe("unknown");
  });

  test("GetCallerIdentity leaves what is known better as it is, and corrects what is wrong", async () => {
    await using lab = new Lab();
    lab.assumeRole("ASIAROLE", { input: { SourceIdentity: "bob" } });
    const before = [lab.who("ASIAROLE"), lab.identities.secretOf("ASIAROLE")];
    const asRole = {
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/ci-run-42`,
      UserId: "AROARZPUZDIKDAEXAMPLE:ci-run-42",
      Account: ACCOUNT,
    };
    lab.call("sts", "GetCallerIdentity", { key: "ASIAROLE", output: asRole });
    expect([lab.who("ASIAROLE"), lab.identities.secretOf("ASIAROLE")]).toEqual(before);
    lab.createAccessKey("bob", "AKIABOB", { key: ACCOUNT });
    lab.call("sts", "GetCallerIdentity", {
      key: "AKIABOB",
      output: { Arn: `arn:aws:iam::${ACCOUNT}:user/robert`, UserId: "x", Account: ACCOUNT },
    });
    expect(lab.who("AKIABOB")).toMatchObject({ userName: "robert" });
    expect(lab.identities.secretOf("AKIABOB")?.secretAccessKey).toBe("secret of AKIABOB");
  });

  test("GetAccessKeyInfo: a key's account", async () => {
    await using lab = new Lab();
    lab.call("sts", "GetAccessKeyInfo", {
      key: ACCOUNT,
      input: { AccessKeyId: "AKIAIOSFODNN7EXAMPLE" },
      output: { Account: OTHER },
    });
    expect(lab.who("AKIAIOSFODNN7EXAMPLE")).toEqual({ kind: "unknown", accountId: OTHER, accessKeyId: "AKIAIOSFODNN7EXAMPLE" });
  });
});
