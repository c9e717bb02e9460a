import { describe, expect, test } from "vitest";
import { ACCOUNT, Lab } from "../fixtures/lab.ts";
import { lessonOf } from "./lessons.ts";

const OTHER = "210987654321";

describe("other services", () => {
  test("sso GetRoleCredentials: the account at once, the session from GetCallerIdentity", async () => {
    await using lab = new Lab();
    const roleCredentials = { accessKeyId: "ASIASSO", secretAccessKey: "s", sessionToken: "t", expiration: lab.now + 3_600_000 };
    lab.call("sso", "GetRoleCredentials", { input: { accountId: OTHER, roleName: "Admin" }, output: { roleCredentials } });
    expect(lab.who("ASIASSO")).toEqual({ kind: "unknown", accountId: OTHER, accessKeyId: "ASIASSO" });
    const Arn = `arn:aws:sts::${OTHER}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/bob`;
    lab.call("sts", "GetCallerIdentity", {
      key: "ASIASSO",
      output: { Arn, UserId: "AROARZPUZDIKDAEXAMPLE:bob", Account: OTHER },
    });
    expect(lab.who("ASIASSO")).toMatchObject({
      kind: "role-session",
      sessionName: "bob",
      session: { creationDate: "2026-03-02T09:00:11Z" },
    });
    expect(lab.identities.secretOf("ASIASSO")).toMatchObject({ secretAccessKey: "s", expiresAt: roleCredentials.expiration });
  });

  test("cognito-identity GetCredentialsForIdentity: the role where the request chose it", async () => {
    await using lab = new Lab();
    const answer = (key: string) => ({
      IdentityId: "us-east-1:1cc5",
      Credentials: { ...lab.credentials(key), SecretKey: "cognito's" },
    });
    const CustomRoleArn = `arn:aws:iam::${ACCOUNT}:role/CognitoAuth`;
    lab.call("cognito-identity", "GetCredentialsForIdentity", {
      input: { IdentityId: "us-east-1:1cc5", CustomRoleArn },
      output: answer("ASIACOG"),
    });
    expect(lab.who("ASIACOG")).toMatchObject({
      kind: "role-session",
      roleArn: CustomRoleArn,
      sessionName: "CognitoIdentityCredentials",
      session: {
        webIdFederation: {
          federatedProvider: "cognito-identity.amazonaws.com",
          attributes: { "cognito-identity.amazonaws.com:sub": "us-east-1:1cc5" },
        },
      },
    });
    expect(lab.identities.secretOf("ASIACOG")?.secretAccessKey).toBe("cognito's");
    lab.call("cognito-identity", "GetCredentialsForIdentity", {
      input: { IdentityId: "us-east-1:1cc5" },
      output: answer("ASIACOG2"),
    });
    expect(lab.who("ASIACOG2").kind).toBe("unknown");
  });

  test("s3 CreateSession: a further key of the caller, read from the undecoded answer", async () => {
    await using lab = new Lab();
    lab.assumeRole("ASIAROLE", { input: { SourceIdentity: "bob" } });
    const body = `<?xml version="1.0" encoding="UTF-8"?><CreateSessionResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Credentials><SessionToken>tok</SessionToken><SecretAccessKey>sec</SecretAccessKey><AccessKeyId>ASIAEXPRESS</AccessKeyId><Expiration>2026-03-02T09:05:11Z</Expiration></Credentials></CreateSessionResult>`;
    lab.call("s3", "CreateSession", { key: "ASIAROLE", body });
    expect(lab.who("ASIAEXPRESS")).toEqual({ ...lab.who("ASIAROLE"), accessKeyId: "ASIAEXPRESS" });
    expect(lab.identities.secretOf("ASIAEXPRESS")).toMatchObject({
      secretAccessKey: "sec",
      expiresAt: Date.parse("2026-03-02T09:05:11Z"),
    });
    for (const broken of ["", "<", "<a/>", "<!DOCTYPE a><a/>", "not xml"])
      lab.call("s3", "CreateSession", { key: "ASIAROLE", body: broken });
    expect(lab.logged).toEqual([]);
  });

  test("what teaches is known beforehand", async () => {
    await using lab = new Lab();
    expect(lab.identities.learnsFrom?.({ serviceId: "s3", operationName: "CreateSession" })).toBe(true);
    expect(lab.identities.learnsFrom?.({ serviceId: "s3", operationName: "GetObject" })).toBe(false);
    expect(lessonOf({ serviceId: "__proto__", operationName: "constructor" })).toBeUndefined();
  });
});
