import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsCli, type AwsCli } from "../support/aws-cli.ts";
import { startMoto, type MotoServer } from "../support/moto-server.ts";
import { startOpenTrail, type CloudTrailRecord, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { peer } from "../support/peers.ts";
import { expectRecord, UUID } from "../support/record-shape.ts";

const ACCOUNT = "123456789012";
const EC2_POLICY =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const missing = ["aws", "moto_server"].some((name) => peer(name) === undefined);

describe.skipIf(missing)("the AWS CLI before moto: each record is AWS's shape, member by member", () => {
  let moto: MotoServer;
  let trail: OpenTrailProcess;
  let aws: AwsCli;

  beforeAll(async () => {
    moto = await startMoto();
    trail = await startOpenTrail({ flags: ["--upstream", moto.url, "--account-id", ACCOUNT, "--history-data-events"] });
    aws = awsCli({ endpoint: trail.url });
    await aws.json(
      "iam",
      "create-role",
      "--role-name",
      "Deployer",
      "--path",
      "/ci/",
      "--assume-role-policy-document",
      EC2_POLICY,
    );
  });
  afterAll(async () => {
    await trail?.remove();
    await moto?.stop();
  });

  /** The newest record of that name. */
  async function recordOf(eventName: string): Promise<CloudTrailRecord> {
    const [record] = await trail.untilEvents({ eventName });
    expectRecord(record!);
    expect(record!["recipientAccountId"]).toBe(ACCOUNT);
    expect(record!["requestID"]).toEqual(expect.any(String));
    return record!;
  }

  test("iam create-role", async () => {
    expect(await recordOf("CreateRole")).toMatchObject({
      eventSource: "iam.amazonaws.com",
      awsRegion: "us-east-1",
      requestParameters: { path: "/ci/", roleName: "Deployer", assumeRolePolicyDocument: EC2_POLICY },
      responseElements: {
        role: {
          path: "/ci/",
          roleName: "Deployer",
          roleId: expect.stringMatching(/^AROA/),
          arn: `arn:aws:iam::${ACCOUNT}:role/ci/Deployer`,
          createDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          assumeRolePolicyDocument: encodeURIComponent(EC2_POLICY),
        },
      },
    });
  });

  test("iam attach-role-policy: a void answer", async () => {
    const policyArn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    await aws.json("iam", "attach-role-policy", "--role-name", "Deployer", "--policy-arn", policyArn);
    expect(await recordOf("AttachRolePolicy")).toMatchObject({
      requestParameters: { roleName: "Deployer", policyArn },
      responseElements: null,
      readOnly: false,
    });
  });

  test("iam create-access-key: the secret is not there", async () => {
    await aws.json("iam", "create-user", "--user-name", "bob", "--tags", "Key=team,Value=data");
    const { AccessKey } = await aws.json("iam", "create-access-key", "--user-name", "bob");
    const record = await recordOf("CreateAccessKey");
    expect(record["requestParameters"]).toEqual({ userName: "bob" });
    expect(record["responseElements"]).toEqual({
      accessKey: {
        userName: "bob",
        accessKeyId: AccessKey.AccessKeyId,
        status: "Active",
        createDate: expect.stringMatching(/Z$/),
      },
    });
    expect(JSON.stringify(record)).not.toContain(AccessKey.SecretAccessKey);

    // What was learned from the answer: calls with the new key are bob's.
    const bob = awsCli({ endpoint: trail.url, accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
    await bob.json("ec2", "describe-regions");
    expect((await recordOf("DescribeRegions"))["userIdentity"]).toEqual({
      type: "IAMUser",
      principalId: expect.stringMatching(/^(AIDA)?[A-Za-z0-9]+$/),
      arn: `arn:aws:iam::${ACCOUNT}:user/bob`,
      accountId: ACCOUNT,
      accessKeyId: AccessKey.AccessKeyId,
      userName: "bob",
    });
  });

  test("ec2 create-default-vpc: the wrapped form", async () => {
    const { Vpcs } = await aws.json("ec2", "describe-vpcs");
    for (const subnet of (await aws.json("ec2", "describe-subnets")).Subnets)
      await aws.json("ec2", "delete-subnet", "--subnet-id", subnet.SubnetId);
    for (const vpc of Vpcs) await aws.json("ec2", "delete-vpc", "--vpc-id", vpc.VpcId);
    const { Vpc } = await aws.json("ec2", "create-default-vpc");
    const record = await recordOf("CreateDefaultVpc");
    expect(record["requestParameters"]).toEqual({ CreateDefaultVpcRequest: "" });
    expect(record["responseElements"]).toMatchObject({
      CreateDefaultVpcResponse: {
        xmlns: "http://ec2.amazonaws.com/doc/2016-11-15/",
        vpc: { vpcId: Vpc.VpcId, cidrBlock: "172.31.0.0/16", isDefault: true },
      },
    });
  });

  test("ec2 create-subnet and run-instances: the modelled form", async () => {
    const vpcId = (await aws.json("ec2", "describe-vpcs")).Vpcs[0].VpcId;
    const { Subnet } = await aws.json(
      ...["ec2", "create-subnet", "--vpc-id", vpcId, "--cidr-block", "172.31.128.0/24", "--availability-zone", "us-east-1a"],
      ...["--tag-specifications", "ResourceType=subnet,Tags=[{Key=Name,Value=public-a}]"],
    );
    const subnet = await recordOf("CreateSubnet");
    expect(subnet["requestParameters"]).toEqual({
      vpcId,
      cidrBlock: "172.31.128.0/24",
      availabilityZone: "us-east-1a",
      tagSpecificationSet: { items: [{ resourceType: "subnet", tags: [{ key: "Name", value: "public-a" }] }] },
    });
    expect(subnet["responseElements"]).toMatchObject({
      requestId: subnet["requestID"],
      subnet: { subnetId: Subnet.SubnetId, vpcId, tagSet: { items: [{ key: "Name", value: "public-a" }] } },
    });

    const image = (await aws.json("ec2", "describe-images", "--owners", "amazon")).Images[0].ImageId;
    const { Instances } = await aws.json(
      ...[
        "ec2",
        "run-instances",
        "--image-id",
        image,
        "--instance-type",
        "t3.micro",
        "--count",
        "1",
        "--subnet-id",
        Subnet.SubnetId,
      ],
      ...["--user-data", "#!/bin/sh\necho private"],
    );
    const ran = await recordOf("RunInstances");
    expect(ran["requestParameters"]).toMatchObject({
      instancesSet: { items: [{ imageId: image, minCount: 1, maxCount: 1 }] },
      instanceType: "t3.micro",
      subnetId: Subnet.SubnetId,
      monitoring: { enabled: false },
      disableApiTermination: false,
      ebsOptimized: false,
      userData: "<sensitiveDataRemoved>",
    });
    expect(ran["responseElements"]).toMatchObject({
      requestId: ran["requestID"],
      ownerId: ACCOUNT,
      instancesSet: {
        items: [
          { instanceId: Instances[0].InstanceId, launchTime: expect.any(Number), instanceState: { code: 0, name: "pending" } },
        ],
      },
    });
    expect(JSON.stringify(ran)).not.toContain("private\\n");
  });

  test("sts assume-role, and calls made with its credentials", async () => {
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/ci/Deployer`;
    const { Credentials, AssumedRoleUser } = await aws.json(
      "sts",
      "assume-role",
      "--role-arn",
      roleArn,
      "--role-session-name",
      "ci-run-42",
    );
    const assumed = await recordOf("AssumeRole");
    expect(assumed).toMatchObject({
      eventSource: "sts.amazonaws.com",
      readOnly: true,
      requestParameters: { roleArn, roleSessionName: "ci-run-42" },
      responseElements: {
        credentials: { accessKeyId: Credentials.AccessKeyId, expiration: expect.any(String) },
        assumedRoleUser: { assumedRoleId: AssumedRoleUser.AssumedRoleId, arn: AssumedRoleUser.Arn },
      },
      resources: [{ accountId: ACCOUNT, type: "AWS::IAM::Role", ARN: roleArn }],
    });
    for (const secret of [Credentials.SecretAccessKey, Credentials.SessionToken])
      expect(JSON.stringify(assumed)).not.toContain(secret);

    const session = awsCli({
      endpoint: trail.url,
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
    });
    await session.json("kms", "list-keys");
    const roleId = String(AssumedRoleUser.AssumedRoleId).split(":")[0];
    expect((await recordOf("ListKeys"))["userIdentity"]).toEqual({
      type: "AssumedRole",
      principalId: `${roleId}:ci-run-42`,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/ci-run-42`,
      accountId: ACCOUNT,
      accessKeyId: Credentials.AccessKeyId,
      sessionContext: {
        sessionIssuer: { type: "Role", principalId: roleId, arn: roleArn, accountId: ACCOUNT, userName: "Deployer" },
        attributes: { creationDate: expect.stringMatching(/Z$/), mfaAuthenticated: "false" },
      },
    });
  });

  test("lambda create-function: the dated name, no code, no environment", async () => {
    const zip = join(mkdtempSync(join(tmpdir(), "opentrail-zip-")), "code.zip");
    writeFileSync(zip, Buffer.from("504b0506000000000000000000000000000000000000", "hex"));
    await aws.json(
      "iam",
      "create-role",
      "--role-name",
      "runtime",
      "--assume-role-policy-document",
      EC2_POLICY.replace("ec2.", "lambda."),
    );
    await aws.json(
      ...[
        "lambda",
        "create-function",
        "--function-name",
        "order-worker",
        "--runtime",
        "nodejs22.x",
        "--handler",
        "index.handler",
      ],
      ...[
        "--role",
        `arn:aws:iam::${ACCOUNT}:role/runtime`,
        "--zip-file",
        `fileb://${zip}`,
        "--environment",
        "Variables={TOKEN=private}",
      ],
    );
    const record = await recordOf("CreateFunction20150331");
    expect(record["requestParameters"]).toMatchObject({
      functionName: "order-worker",
      runtime: "nodejs22.x",
      handler: "index.handler",
      code: {},
      environment: {},
      publish: false,
    });
    expect(record["responseElements"]).toMatchObject({
      functionName: "order-worker",
      functionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:order-worker`,
      environment: {},
    });
    expect(JSON.stringify(record)).not.toContain("private");
  });

  test("kms encrypt: a management read, with its key and without its text", async () => {
    const { KeyMetadata } = await aws.json("kms", "create-key");
    await aws.json(
      "kms",
      "encrypt",
      "--key-id",
      KeyMetadata.KeyId,
      "--plaintext",
      Buffer.from("private").toString("base64"),
      "--encryption-context",
      "tenant=t-17",
    );
    const record = await recordOf("Encrypt");
    expect(record).toMatchObject({
      readOnly: true,
      eventCategory: "Management",
      responseElements: null,
      resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: KeyMetadata.Arn }],
    });
    expect(record["requestParameters"]).toEqual({
      keyId: KeyMetadata.KeyId,
      encryptionContext: { tenant: "t-17" },
      encryptionAlgorithm: "SYMMETRIC_DEFAULT",
    });
  });

  test("failing calls: the shape's name for IAM, Client. for EC2, S3's own", async () => {
    expect((await aws("iam", "get-user", "--user-name", "nobody")).status).not.toBe(0);
    expect(await recordOf("GetUser")).toMatchObject({
      errorCode: "NoSuchEntityException",
      errorMessage: expect.stringContaining("nobody"),
      requestParameters: { userName: "nobody" },
      responseElements: null,
    });
    expect((await aws("ec2", "terminate-instances", "--instance-ids", "i-0123456789abcdef0")).status).not.toBe(0);
    expect(await recordOf("TerminateInstances")).toMatchObject({
      errorCode: "Client.InvalidInstanceID.NotFound",
      requestParameters: { instancesSet: { items: [{ instanceId: "i-0123456789abcdef0" }] } },
      responseElements: null,
    });
    expect((await aws("s3api", "get-object", "--bucket", "nowhere-at-all", "--key", "k", "/dev/null")).status).not.toBe(0);
    expect(await recordOf("GetObject")).toMatchObject({ errorCode: "NoSuchBucket", readOnly: true, responseElements: null });
  });

  test("denied calls: moto with its authorisation on", async () => {
    await aws.json("iam", "create-user", "--user-name", "carol");
    const { AccessKey } = await aws.json("iam", "create-access-key", "--user-name", "carol");
    const carol = awsCli({ endpoint: trail.url, accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
    // moto lets so many calls pass before it asks for policies.
    await fetch(`${moto.url}/moto-api/reset-auth`, { method: "POST", body: "0" });
    try {
      expect((await carol("iam", "list-roles", "--path-prefix", "/secret/")).stderr).toContain("(AccessDenied)");
      expect((await carol("ec2", "describe-volumes", "--volume-ids", "vol-1")).stderr).toContain("(AccessDenied)");
      const forged = awsCli({ endpoint: trail.url, accessKeyId: AccessKey.AccessKeyId, secretAccessKey: "wrong" });
      expect((await forged("sqs", "list-queues")).status).not.toBe(0);
    } finally {
      await fetch(`${moto.url}/moto-api/reset-auth`, { method: "POST", body: "1000000000" });
    }
    const who = { type: "IAMUser", userName: "carol", arn: `arn:aws:iam::${ACCOUNT}:user/carol` };
    const [denied] = await trail.untilEvents({ eventName: "ListRoles", username: "carol" });
    expectRecord(denied!);
    expect(denied).toMatchObject({
      userIdentity: who,
      errorCode: "AccessDenied",
      errorMessage: expect.stringContaining("is not authorized to perform: iam:ListRoles"),
      requestParameters: null,
      responseElements: null,
    });
    const [unauthorized] = await trail.untilEvents({ eventName: "DescribeVolumes", username: "carol" });
    expectRecord(unauthorized!);
    expect(unauthorized).toMatchObject({
      userIdentity: who,
      // moto's code where EC2 itself would say UnauthorizedOperation; the prefix is CloudTrail's.
      errorCode: "Client.AccessDenied",
      requestParameters: { volumeSet: { items: [{ volumeId: "vol-1" }] } },
      responseElements: null,
    });
    // A forged signature is refused before authentication: counted, not recorded.
    expect(await trail.events({ eventName: "ListQueues" })).toEqual([]);
    expect((await trail.get<{ calls: Record<string, number> }>("status")).calls["notAuthenticated"]).toBe(1);
  });

  test("counts add up", async () => {
    const status = await trail.get<{ calls: Record<string, number> }>("status");
    const { arrived, ...parts } = status.calls;
    expect(arrived).toBe(Object.values(parts).reduce((sum, part) => sum + part, 0));
    expect(status.calls["notRecorded"]).toBe(0);
  });

  test("request ids are those that the client saw", async () => {
    const response = await fetch(`${trail.url}/?Action=GetCallerIdentity&Version=2011-06-15`, { method: "POST" });
    const requestId = /<RequestId>([^<]+)/.exec(await response.text())?.[1] ?? response.headers.get("x-amzn-requestid");
    const [record] = await trail.untilEvents({ eventName: "GetCallerIdentity", text: String(requestId) });
    expect(record!["requestID"]).toBe(requestId);
    expect(record!["eventID"]).toMatch(UUID);
  });
});
