import { describe, expect, test } from "vitest";
import type { BuiltEvent } from "../built-event.ts";
import { createEventBuilder } from "../build-event.ts";
import { cliAgent, deployer, finishedCall, recordsOf, type WireFixture } from "../golden.test-support.ts";
import { expectedRecord } from "./expected-record.test-support.ts";

const id = "1234abcd-12ab-34cd-56ef-1234567890ab";
const arn = `arn:aws:kms:us-east-1:123456789012:key/${id}`;
const keyResource = { accountId: "123456789012", type: "AWS::KMS::Key", ARN: arn };
const aliasArn = "arn:aws:kms:us-east-1:123456789012:alias/app";

function fixture(operation: string, body: unknown, answer: unknown = {}, status = 200): WireFixture {
  return {
    service: "kms",
    operation,
    protocol: "awsJson1_1",
    host: "kms.us-east-1.amazonaws.com",
    headers: { "x-amz-target": `TrentService.${operation}` },
    body: JSON.stringify(body),
    caller: deployer,
    requestId: "aaaaaaaa-0000-4000-8000-000000000027",
    eventId: "eeeeeeee-0000-4000-8000-000000000028",
    completed: "2026-03-02T09:09:30Z",
    userAgent: cliAgent("kms.decrypt"),
    answer: { status, body: JSON.stringify(answer) },
  };
}

function lookup(exchange: WireFixture): BuiltEvent["index"]["resources"] | undefined {
  return createEventBuilder({ newId: () => "" }).build(finishedCall(exchange))[0]?.index.resources;
}

test("Decrypt: whole record", () => {
  const material = `96083e4f${"0".repeat(56)}`;
  const [record] = recordsOf(
    fixture(
      "Decrypt",
      { CiphertextBlob: "AQICAHg=", EncryptionContext: { tenant: "t-17" } },
      { KeyId: arn, Plaintext: "c2VjcmV0", EncryptionAlgorithm: "SYMMETRIC_DEFAULT", KeyMaterialId: material },
    ),
  );
  expect(record).toEqual(
    expectedRecord("deployer", "kms.us-east-1.amazonaws.com", {
      eventTime: "2026-03-02T09:09:30Z",
      eventSource: "kms.amazonaws.com",
      eventName: "Decrypt",
      userAgent: cliAgent("kms.decrypt"),
      requestParameters: { encryptionAlgorithm: "SYMMETRIC_DEFAULT", encryptionContext: { tenant: "t-17" } },
      responseElements: null,
      additionalEventData: { keyMaterialId: material },
      requestID: "aaaaaaaa-0000-4000-8000-000000000027",
      eventID: "eeeeeeee-0000-4000-8000-000000000028",
      readOnly: true,
      resources: [keyResource],
    }),
  );
});

describe("resources", () => {
  test("an alias is resolved by the answer", () => {
    const [record] = recordsOf(
      fixture("Encrypt", { KeyId: "alias/app", Plaintext: "eA==" }, { KeyId: arn, CiphertextBlob: "eA==" }),
    );
    expect(record?.resources).toEqual([keyResource]);
    expect(record?.requestParameters).toEqual({ keyId: "alias/app", encryptionAlgorithm: "SYMMETRIC_DEFAULT" });
  });

  test("ReEncrypt names two keys", () => {
    const other = arn.replace("1234abcd", "9876abcd");
    const answer = { SourceKeyId: other, KeyId: arn, CiphertextBlob: "eA==" };
    const [record] = recordsOf(fixture("ReEncrypt", { CiphertextBlob: "eA==", DestinationKeyId: id }, answer));
    expect(record?.resources).toEqual([{ ...keyResource, ARN: other }, keyResource]);
  });

  test("calls on aliases are typed as keys", () => {
    const [record] = recordsOf(fixture("CreateAlias", { AliasName: "alias/app", TargetKeyId: id }));
    expect(record?.resources).toEqual([{ ...keyResource, ARN: aliasArn }, keyResource]);
  });

  test("an alias that nobody resolved is no key", () => {
    expect(recordsOf(fixture("DescribeKey", { KeyId: "alias/app" }))[0]).not.toHaveProperty("resources");
  });
});

describe("changes that answer nothing", () => {
  test.each(["DisableKey", "EnableKeyRotation", "RevokeGrant", "PutKeyPolicy", "TagResource"])(
    "%s answers the key's ARN",
    (operation) => {
      const [record] = recordsOf(fixture(operation, { KeyId: id }));
      expect(record?.responseElements).toEqual({ keyId: arn });
      expect(record?.requestParameters).toMatchObject({ keyId: id });
    },
  );

  test("CreateAlias answers the target's ARN, DeleteAlias nothing", () => {
    expect(recordsOf(fixture("CreateAlias", { AliasName: "alias/app", TargetKeyId: id }))[0]?.responseElements).toEqual({
      keyId: arn,
    });
    expect(recordsOf(fixture("DeleteAlias", { AliasName: "alias/app" }))[0]?.responseElements).toBeNull();
  });

  test("CreateGrant answers id and key, not the token", () => {
    const [record] = recordsOf(
      fixture("CreateGrant", { KeyId: id, GrantTokens: ["verysecret"] }, { GrantId: "g-1", GrantToken: "verysecret" }),
    );
    expect(record?.responseElements).toEqual({ grantId: "g-1", keyId: arn });
    expect(JSON.stringify(record)).not.toContain("verysecret");
  });

  test("what the service answers stands as it is", () => {
    const answer = { KeyId: arn, KeyState: "PendingDeletion", PendingWindowInDays: 30 };
    const [record] = recordsOf(fixture("ScheduleKeyDeletion", { KeyId: id }, answer));
    expect(record?.responseElements).toEqual({ keyId: arn, keyState: "PendingDeletion", pendingWindowInDays: 30 });
  });
});

test("CreateKey fills in what the service assumes", () => {
  const [record] = recordsOf(fixture("CreateKey", { Description: "d" }));
  expect(record?.requestParameters).toEqual({
    description: "d",
    keyUsage: "ENCRYPT_DECRYPT",
    customerMasterKeySpec: "SYMMETRIC_DEFAULT",
    keySpec: "SYMMETRIC_DEFAULT",
    origin: "AWS_KMS",
    bypassPolicyLockoutSafetyCheck: false,
  });
  const [rsa] = recordsOf(fixture("CreateKey", { KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" }));
  expect(rsa?.requestParameters).toMatchObject({
    keySpec: "RSA_2048",
    customerMasterKeySpec: "RSA_2048",
    keyUsage: "SIGN_VERIFY",
  });
});

test("a key that was not found leaves no trace of itself", () => {
  const [record] = recordsOf(fixture("DescribeKey", { KeyId: id }, { __type: "NotFoundException", message: "no" }, 400));
  expect(record).toMatchObject({ errorCode: "NotFoundException", requestParameters: null, responseElements: null });
  expect(record).not.toHaveProperty("resources");
});

test.each([
  ["Encrypt", { Plaintext: "c2VjcmV0" }, { CiphertextBlob: "c2VjcmV0" }],
  ["Sign", { Message: "c2VjcmV0", SigningAlgorithm: "RSASSA_PSS_SHA_256" }, { Signature: "c2VjcmV0" }],
  ["GenerateDataKey", { NumberOfBytes: 32 }, { Plaintext: "c2VjcmV0", CiphertextBlob: "c2VjcmV0" }],
  ["ImportKeyMaterial", { ImportToken: "c2VjcmV0", EncryptedKeyMaterial: "c2VjcmV0" }, {}],
  ["GetKeyPolicy", { PolicyName: "default" }, { Policy: "c2VjcmV0" }],
])("%s shows no material", (operation, body, answer) => {
  const [record] = recordsOf(fixture(operation, { KeyId: id, ...body }, { KeyId: arn, ...answer }));
  expect(JSON.stringify(record)).not.toContain("c2VjcmV0");
  expect(record?.requestParameters).toMatchObject({ keyId: id });
});

test("LookupEvents: changes by id and ARN, uses without type, nothing of a creation that failed", () => {
  expect(lookup(fixture("DisableKey", { KeyId: id }))).toEqual([
    { type: "AWS::KMS::Key", name: id },
    { type: "AWS::KMS::Key", name: arn },
  ]);
  expect(lookup(fixture("Decrypt", {}, { KeyId: arn }))).toEqual([{ name: arn }]);
  expect(
    lookup(fixture("CreateAlias", { AliasName: "alias/a", TargetKeyId: id }, { __type: "AlreadyExistsException" }, 400)),
  ).toEqual([]);
});
