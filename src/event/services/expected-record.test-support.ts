import type { JsonObject } from "../../aws/tree.ts";
import { exampleAccount } from "../golden.test-support.ts";

const identities: Readonly<Record<"alice" | "deployer", JsonObject>> = {
  alice: {
    type: "IAMUser",
    principalId: "AIDARZPUZDIKCAEXAMPLE",
    arn: "arn:aws:iam::123456789012:user/alice",
    accountId: "123456789012",
    accessKeyId: "AKIARZPUZDIKAEXAMPLE",
    userName: "alice",
  },
  deployer: {
    type: "AssumedRole",
    principalId: "AROARZPUZDIKDAEXAMPLE:ci-run-42",
    arn: "arn:aws:sts::123456789012:assumed-role/Deployer/ci-run-42",
    accountId: "123456789012",
    accessKeyId: "ASIARZPUZDIKBEXAMPLE",
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: "AROARZPUZDIKDAEXAMPLE",
        arn: "arn:aws:iam::123456789012:role/Deployer",
        accountId: "123456789012",
        userName: "Deployer",
      },
      attributes: { creationDate: "2026-03-02T09:00:11Z", mfaAuthenticated: "false" },
    },
  },
};

/** A whole record: what all have in common, and the members that tell this one from the others. */
export function expectedRecord(who: keyof typeof identities, host: string, members: JsonObject): JsonObject {
  const data = members["managementEvent"] === false;
  return {
    eventVersion: "1.11",
    userIdentity: identities[who],
    awsRegion: "us-east-1",
    sourceIPAddress: "198.51.100.24",
    eventType: "AwsApiCall",
    recipientAccountId: exampleAccount,
    eventCategory: data ? "Data" : "Management",
    managementEvent: true,
    tlsDetails: { tlsVersion: "TLSv1.3", cipherSuite: "TLS_AES_128_GCM_SHA256", clientProvidedHostHeader: host },
    ...members,
  };
}
