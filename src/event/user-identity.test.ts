import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Caller, SessionFacts } from "./caller.ts";
import { serviceEventIdentity, userIdentity } from "./user-identity.ts";
import { lookupUsername } from "./username.ts";

const context = { serviceId: "iam", region: "us-east-1" };
const text = (caller: Caller, at = context) => JSON.stringify(userIdentity(caller, at));
const account = "123456789012";

describe("userIdentity", () => {
  it("of an IAM user with a long-term key has no session", () => {
    const caller: Caller = {
      kind: "user",
      accountId: account,
      accessKeyId: "AKIA1",
      principalId: "AIDA1",
      arn: `arn:aws:iam::${account}:user/ops/alice`,
      userName: "alice",
    };
    expect(text(caller)).toBe(
      `{"type":"IAMUser","principalId":"AIDA1","arn":"arn:aws:iam::${account}:user/ops/alice","accountId":"${account}",` +
        `"accessKeyId":"AKIA1","userName":"alice"}`,
    );
    expect(text({ ...caller, session: { creationDate: "2026-03-02T09:00:11Z", mfaAuthenticated: true } })).toContain(
      '"sessionContext":{"attributes":{"creationDate":"2026-03-02T09:00:11Z","mfaAuthenticated":"true"}}',
    );
    // Nothing is known of the session: the member is absent, not empty.
    expect(text({ ...caller, session: {} })).not.toContain("sessionContext");
  });

  it("of a role session drops the role's path, which the issuer keeps", () => {
    const caller: Caller = {
      kind: "role-session",
      accountId: account,
      accessKeyId: "ASIA1",
      roleId: "AROA1",
      roleArn: `arn:aws:iam::${account}:role/service/Deployer`,
      roleName: "Deployer",
      sessionName: "run",
      session: {
        creationDate: "2026-03-02T09:00:11Z",
        mfaAuthenticated: false,
        sourceIdentity: "carol",
        ec2RoleDelivery: "2.0",
        webIdFederation: { federatedProvider: "idp", attributes: { aud: "me" } },
      },
      invokedBy: "cloudformation.amazonaws.com",
    };
    expect(text(caller)).toBe(
      `{"type":"AssumedRole","principalId":"AROA1:run","arn":"arn:aws:sts::${account}:assumed-role/Deployer/run",` +
        `"accountId":"${account}","accessKeyId":"ASIA1","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA1",` +
        `"arn":"arn:aws:iam::${account}:role/service/Deployer","accountId":"${account}","userName":"Deployer"},` +
        '"webIdFederationData":{"federatedProvider":"idp","attributes":{"aud":"me"}},' +
        '"attributes":{"creationDate":"2026-03-02T09:00:11Z","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0",' +
        '"sourceIdentity":"carol"},"invokedBy":"cloudformation.amazonaws.com"}',
    );
  });

  it("of root is the account", () => {
    expect(text({ kind: "root", accountId: account, accessKeyId: "AKIA1" })).toBe(
      `{"type":"Root","principalId":"${account}","arn":"arn:aws:iam::${account}:root","accountId":"${account}","accessKeyId":"AKIA1"}`,
    );
    expect(text({ kind: "root", accountId: account, accountAlias: "acme" })).toContain('"userName":"acme"');
  });

  it("of a federated user names its issuer", () => {
    const issuer: Caller = { kind: "root", accountId: account };
    expect(text({ kind: "federated-user", accountId: account, name: "fed", issuer, session: {} })).toBe(
      `{"type":"FederatedUser","principalId":"${account}:fed","arn":"arn:aws:sts::${account}:federated-user/fed",` +
        `"accountId":"${account}","sessionContext":{"sessionIssuer":{"type":"Root","principalId":"${account}",` +
        `"arn":"arn:aws:iam::${account}:root","accountId":"${account}"}}}`,
    );
  });

  it("follows the partition", () => {
    expect(text({ kind: "root", accountId: account }, { serviceId: "iam", region: "cn-north-1" })).toContain("arn:aws-cn:iam::");
  });

  it("of the other kinds holds what is known and nothing else", () => {
    expect(text({ kind: "service", accountId: account, invokedBy: "ec2.amazonaws.com" })).toBe(
      '{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}',
    );
    expect(text({ kind: "other-account", accountId: "2", principalId: "AIDA2" })).toBe(
      '{"type":"AWSAccount","principalId":"AIDA2","accountId":"2"}',
    );
    expect(text({ kind: "anonymous" })).toBe('{"type":"Unknown"}');
    expect(text({ kind: "anonymous" }, { serviceId: "s3", region: "us-east-1" })).toBe(
      '{"type":"AWSAccount","principalId":"","accountId":"anonymous"}',
    );
    expect(text({ kind: "unknown" })).toBe('{"type":"Unknown"}');
    expect(text({ kind: "web-identity", principalId: "i:a:u", userName: "u", identityProvider: "i" })).toBe(
      '{"type":"WebIdentityUser","principalId":"i:a:u","userName":"u","identityProvider":"i"}',
    );
    expect(text({ kind: "saml", principalId: "q:s", userName: "s", identityProvider: "q" })).toBe(
      '{"type":"SAMLUser","principalId":"q:s","userName":"s","identityProvider":"q"}',
    );
  });

  it("of a service event has no type", () => {
    expect(JSON.stringify(serviceEventIdentity(account, "kms.amazonaws.com"))).toBe(
      `{"accountId":"${account}","invokedBy":"kms.amazonaws.com"}`,
    );
  });

  it("stays small whatever a token claims", () => {
    const claims = fc.dictionary(fc.string(), fc.string({ maxLength: 5000, size: "max" }), { maxKeys: 100 });
    fc.assert(
      fc.property(claims, (attributes) => {
        const session: SessionFacts = { webIdFederation: { federatedProvider: "p", attributes } };
        const identity = userIdentity(
          { kind: "role-session", accountId: account, roleArn: "r", roleName: "r", sessionName: "s", session },
          context,
        );
        expect(Buffer.byteLength(JSON.stringify(identity))).toBeLessThan(200_000);
      }),
    );
  });
});

describe("lookupUsername", () => {
  it("is the user, the session, root, or nobody", () => {
    const session: SessionFacts = {};
    expect(lookupUsername({ kind: "root", accountId: account })).toBe("root");
    expect(lookupUsername({ kind: "user", accountId: account, arn: "a", userName: "alice" })).toBe("alice");
    expect(
      lookupUsername({ kind: "role-session", accountId: account, roleArn: "r", roleName: "r", sessionName: "run", session }),
    ).toBe("run");
    expect(lookupUsername({ kind: "service", accountId: account, invokedBy: "x" })).toBeUndefined();
    expect(lookupUsername({ kind: "unknown" })).toBeUndefined();
  });
});
