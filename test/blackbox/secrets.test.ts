import { expect, test } from "vitest";
import { filesBelow } from "../support/files-below.ts";
import { startOpenTrail } from "../support/opentrail-process.ts";
import { startBackend } from "../support/recorded-backend.ts";

/** Each of them is a word that nothing else contains. */
const secrets = {
  accessKey: "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLETOKEN0123456789",
  password: "correct-horse-battery-staple",
  parameter: "parameter-value-of-great-worth",
  secretString: "the-secret-string-itself",
  plaintext: "cGxhaW50ZXh0LW9mLWdyZWF0LXdvcnRo",
  environment: "environment-value-of-great-worth",
  message: "message-body-of-great-worth",
};

const key = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIARZPUZDIKGB2VALC4/20260302/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`;

const json = (service: string, target: string, body: object, version = "1.1") => ({
  service,
  path: "/",
  headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": target },
  body: JSON.stringify(body),
});

const query = (service: string, version: string, form: Record<string, string>) => ({
  service,
  path: "/",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams({ Version: version, ...form }).toString(),
});

const calls = [
  query("iam", "2010-05-08", { Action: "CreateAccessKey", UserName: "bob" }),
  query("iam", "2010-05-08", { Action: "CreateLoginProfile", UserName: "bob", Password: secrets.password }),
  query("iam", "2010-05-08", { Action: "ChangePassword", OldPassword: secrets.password, NewPassword: `${secrets.password}2` }),
  query("sts", "2011-06-15", { Action: "AssumeRole", RoleArn: "arn:aws:iam::123456789012:role/R", RoleSessionName: "s" }),
  query("rds", "2014-10-31", { Action: "CreateDBInstance", DBInstanceIdentifier: "d", MasterUserPassword: secrets.password }),
  json("ssm", "AmazonSSM.PutParameter", { Name: "/p", Value: secrets.parameter, Type: "SecureString" }),
  json("secretsmanager", "secretsmanager.CreateSecret", { Name: "s", SecretString: secrets.secretString }),
  json("kms", "TrentService.Encrypt", { KeyId: "k", Plaintext: secrets.plaintext }),
  json("sqs", "AmazonSQS.SendMessage", { QueueUrl: "q", MessageBody: secrets.message }, "1.0"),
  json("dynamodb", "DynamoDB_20120810.PutItem", { TableName: "t", Item: { id: { S: secrets.message } } }, "1.0"),
  {
    service: "lambda",
    path: "/2015-03-31/functions",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      FunctionName: "f",
      Environment: { Variables: { TOKEN: secrets.environment } },
      Code: { ZipFile: secrets.plaintext },
    }),
  },
  // A service that nobody knows: what looks like a secret stays out too.
  json("quantumvault", "QuantumVault_20300101.StoreThing", {
    Name: "n",
    Password: secrets.password,
    SecretAccessKey: secrets.accessKey,
  }),
];

/** Answers that carry the secrets back, as IAM's and STS's do. */
function answer(body: string): { body: string; headers: Record<string, string> } {
  const xml = { "content-type": "text/xml" };
  if (body.includes("CreateAccessKey")) {
    return {
      headers: xml,
      body: `<CreateAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateAccessKeyResult><AccessKey><UserName>bob</UserName><AccessKeyId>AKIARZPUZDIKFQ7VALC4</AccessKeyId><Status>Active</Status><SecretAccessKey>${secrets.accessKey}</SecretAccessKey></AccessKey></CreateAccessKeyResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></CreateAccessKeyResponse>`,
    };
  }
  if (body.includes("AssumeRole")) {
    return {
      headers: xml,
      body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIARZPUZDIKGB2VALC4</AccessKeyId><SecretAccessKey>${secrets.accessKey}</SecretAccessKey><SessionToken>${secrets.sessionToken}</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROARZPUZDIKGB2VALC4:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/R/s</Arn></AssumedRoleUser></AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>`,
    };
  }
  return { headers: { "content-type": "application/json" }, body: "{}" };
}

test("no secret reaches a record, a log line or a file", async () => {
  const backend = await startBackend((_request, body) => answer(body.toString()));
  const trail = await startOpenTrail({ flags: ["--upstream", backend.url, "--history-data-events", "--log-level", "debug"] });
  try {
    for (const { service, path, headers, body } of calls) {
      const response = await fetch(`${trail.url}${path}`, {
        method: "POST",
        headers: { ...headers, authorization: key(service), "x-amz-security-token": secrets.sessionToken },
        body,
      });
      expect(response.status).toBe(200);
      // What the caller asked for, the caller gets.
      if (body.includes("CreateAccessKey")) expect(await response.text()).toContain(secrets.accessKey);
    }
    const records = await trail.untilEvents({}, calls.length);
    expect(records).toHaveLength(calls.length);
    expect(records.find((record) => record["eventName"] === "StoreThing")).toMatchObject({
      eventSource: "quantumvault.amazonaws.com",
      requestParameters: { name: "n" },
    });
    await trail.stop();

    const places = [
      { path: "the records", text: JSON.stringify(records) },
      { path: "the log", text: trail.log() },
      ...filesBelow(trail.dataDir).map(({ path, bytes }) => ({ path, text: bytes.toString("latin1") })),
    ];
    expect(places.length).toBeGreaterThan(5);
    for (const [name, secret] of Object.entries(secrets)) {
      for (const { path, text } of places) expect(text.includes(secret), `${name} in ${path}`).toBe(false);
    }
  } finally {
    await trail.remove();
    await backend.close();
  }
});
