import { describe, expect, it } from "vitest";
import golden from "../fixtures/golden-records.json" with { type: "json" };
import {
  createDefaultVpcAnswer,
  createSubnetAnswer,
  describeInstancesAnswer,
  ec2Error,
  runInstancesAnswer,
  voidAnswer,
} from "../fixtures/ec2-answers.ts";
import { alice, cliAgent, deployer, form, recordsOf, type WireFixture } from "../golden.test-support.ts";

function ec2Call(operation: string, pairs: Readonly<Record<string, string>>, fixture: Partial<WireFixture> = {}): WireFixture {
  const kebab = operation.replace(/(?<!^)([A-Z])/g, "-$1").toLowerCase();
  return {
    service: "ec2",
    operation,
    protocol: "ec2Query",
    host: "ec2.us-east-1.amazonaws.com",
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: form({ Action: operation, Version: "2016-11-15", ...pairs }),
    caller: alice,
    requestId: "aaaaaaaa-0000-4000-8000-0000000000ff",
    eventId: "eeeeeeee-0000-4000-8000-0000000000ff",
    completed: "2026-03-02T09:05:01Z",
    userAgent: cliAgent(`ec2.${kebab}`),
    answer: { status: 200, body: voidAnswer(operation, "aaaaaaaa-0000-4000-8000-0000000000ff") },
    ...fixture,
  };
}

const requestOf = (operation: string, pairs: Readonly<Record<string, string>>, fixture?: Partial<WireFixture>) =>
  recordsOf(ec2Call(operation, pairs, fixture))[0]?.requestParameters;

describe("golden records", () => {
  it("RunInstances", () => {
    const fixture = ec2Call(
      "RunInstances",
      {
        ImageId: "ami-0abcdef1234567890",
        InstanceType: "t3.micro",
        KeyName: "ops",
        MinCount: "1",
        MaxCount: "1",
        "SecurityGroupId.1": "sg-0a1b2c3d4e5f60718",
        SubnetId: "subnet-0a1b2c3d4e5f60718",
        ClientToken: "4f6d0c5e-0000-4000-8000-00000000c001",
        "TagSpecification.1.ResourceType": "instance",
        "TagSpecification.1.Tag.1.Key": "Name",
        "TagSpecification.1.Tag.1.Value": "web-1",
      },
      {
        requestId: "aaaaaaaa-0000-4000-8000-000000000001",
        eventId: "eeeeeeee-0000-4000-8000-000000000002",
        answer: { status: 200, body: runInstancesAnswer },
      },
    );
    const [record] = recordsOf(fixture);
    expect(record).toEqual(golden.RunInstances);
    expect(JSON.stringify(record)).toBe(JSON.stringify(golden.RunInstances));
  });

  it("DescribeInstances", () => {
    const fixture = ec2Call(
      "DescribeInstances",
      {
        "InstanceId.1": "i-0a1b2c3d4e5f60718",
        "Filter.1.Name": "instance-state-name",
        "Filter.1.Value.1": "running",
        "Filter.1.Value.2": "pending",
      },
      {
        requestId: "aaaaaaaa-0000-4000-8000-000000000003",
        eventId: "eeeeeeee-0000-4000-8000-000000000004",
        completed: "2026-03-02T09:05:09Z",
        answer: { status: 200, body: describeInstancesAnswer },
      },
    );
    expect(JSON.stringify(recordsOf(fixture)[0])).toBe(JSON.stringify(golden.DescribeInstances));
  });

  it("CreateSubnet", () => {
    const fixture = ec2Call(
      "CreateSubnet",
      {
        VpcId: "vpc-0a1b2c3d4e5f60718",
        CidrBlock: "10.0.128.0/24",
        AvailabilityZone: "us-east-1a",
        "TagSpecification.1.ResourceType": "subnet",
        "TagSpecification.1.Tag.1.Key": "Name",
        "TagSpecification.1.Tag.1.Value": "public-a",
      },
      {
        caller: deployer,
        requestId: "aaaaaaaa-0000-4000-8000-000000000029",
        eventId: "eeeeeeee-0000-4000-8000-000000000030",
        completed: "2026-03-02T09:10:00Z",
        answer: { status: 200, body: createSubnetAnswer },
      },
    );
    expect(JSON.stringify(recordsOf(fixture)[0])).toBe(JSON.stringify(golden.CreateSubnet));
  });

  it("CreateDefaultVpc, in the wrapped form", () => {
    const fixture = ec2Call(
      "CreateDefaultVpc",
      {},
      {
        requestId: "aaaaaaaa-0000-4000-8000-000000000031",
        eventId: "eeeeeeee-0000-4000-8000-000000000032",
        completed: "2026-03-02T09:10:20Z",
        answer: { status: 200, body: createDefaultVpcAnswer },
      },
    );
    expect(JSON.stringify(recordsOf(fixture)[0])).toBe(JSON.stringify(golden.CreateDefaultVpc));
  });

  it("TerminateInstances, denied", () => {
    const fixture = ec2Call(
      "TerminateInstances",
      { "InstanceId.1": "i-0a1b2c3d4e5f60718" },
      {
        requestId: "aaaaaaaa-0000-4000-8000-000000000035",
        eventId: "eeeeeeee-0000-4000-8000-000000000036",
        completed: "2026-03-02T09:13:00Z",
        answer: {
          status: 403,
          body: ec2Error(
            "UnauthorizedOperation",
            "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/alice is not authorized " +
              "to perform: ec2:TerminateInstances on resource: arn:aws:ec2:us-east-1:123456789012:instance/i-0a1b2c3d4e5f60718 " +
              "because no identity-based policy allows the ec2:TerminateInstances action. Encoded authorization failure " +
              "message: EXAMPLEencodedMessage",
            "aaaaaaaa-0000-4000-8000-000000000035",
          ),
        },
      },
    );
    expect(JSON.stringify(recordsOf(fixture)[0])).toBe(JSON.stringify(golden.TerminateInstances));
  });
});

describe("modelled form", () => {
  it("shows the empty selector sets of Describe calls", () => {
    expect(JSON.stringify(requestOf("DescribeSecurityGroups", {}))).toBe(
      '{"securityGroupSet":{},"securityGroupIdSet":{},"filterSet":{}}',
    );
    expect(requestOf("DescribeAccountAttributes", { "AttributeName.1": "supported-platforms" })).toEqual({
      accountAttributeNameSet: { items: [{ attributeName: "supported-platforms" }] },
      filterSet: {},
    });
    expect(Object.keys(requestOf("DescribeSnapshots", { "Owner.1": "self", MaxResults: "1000" }) ?? {})).toEqual([
      "maxResults",
      "ownersSet",
      "sharedUsersSet",
      "snapshotSet",
      "filterSet",
    ]);
    expect(requestOf("DescribeVpcClassicLink", { "VpcId.1": "vpc-1" })).toEqual({
      vpcSet: { item: [{ vpcId: "vpc-1" }] },
      filterSet: {},
    });
    expect(requestOf("DescribeVpcAttribute", { VpcId: "vpc-1", Attribute: "enableDnsSupport" })).toEqual({ vpcId: "vpc-1" });
  });

  it("shows every list of a group rule", () => {
    const pairs = {
      GroupId: "sg-1",
      "IpPermissions.1.IpProtocol": "tcp",
      "IpPermissions.1.FromPort": "22",
      "IpPermissions.1.ToPort": "22",
      "IpPermissions.1.IpRanges.1.CidrIp": "0.0.0.0/0",
      "IpPermissions.1.IpRanges.1.Description": "anywhere",
      "IpPermissions.1.Groups.1.GroupId": "sg-2",
      DryRun: "false",
    };
    expect(requestOf("AuthorizeSecurityGroupIngress", pairs)).toEqual({
      groupId: "sg-1",
      ipPermissions: {
        items: [
          {
            ipProtocol: "tcp",
            fromPort: 22,
            toPort: 22,
            groups: { items: [{ groupId: "sg-2" }] },
            ipRanges: { items: [{ cidrIp: "0.0.0.0/0", description: "anywhere" }] },
            ipv6Ranges: {},
            prefixListIds: {},
          },
        ],
      },
    });
  });

  it("keeps the oddities of single operations", () => {
    expect(requestOf("CreateVolume", { AvailabilityZone: "us-east-1a", Size: "8", VolumeType: "gp3" })).toEqual({
      size: "8",
      availabilityZone: "us-east-1a",
      volumeType: "gp3",
    });
    expect(requestOf("ModifyVpcAttribute", { VpcId: "vpc-1", "EnableDnsHostnames.Value": "true" })).toEqual({
      vpcId: "vpc-1",
      enableDnsHostnames: { value: true },
    });
    expect(requestOf("ModifyImageAttribute", { ImageId: "ami-1", "LaunchPermission.Add.1.UserId": "111111111111" })).toEqual({
      imageId: "ami-1",
      launchPermission: { add: { items: [{ userId: "111111111111" }] } },
      attributeType: "launchPermission",
    });
    const older = { SnapshotId: "snap-1", Attribute: "createVolumePermission", OperationType: "add", "UserGroup.1": "all" };
    expect(requestOf("ModifySnapshotAttribute", older)).toEqual({
      snapshotId: "snap-1",
      createVolumePermission: { add: { items: [{ group: "all" }] } },
      attributeType: "CREATE_VOLUME_PERMISSION",
    });
    expect(requestOf("CreateTags", { "ResourceId.1": "i-1", "Tag.1.Key": "a", "Tag.1.Value": "" })).toEqual({
      resourcesSet: { items: [{ resourceId: "i-1" }] },
      tagSet: { items: [{ key: "a", value: "" }] },
    });
    expect(requestOf("StopInstances", { "InstanceId.1": "i-1" })).toEqual({
      instancesSet: { items: [{ instanceId: "i-1" }] },
      force: false,
    });
    const entry = {
      NetworkAclId: "acl-1",
      RuleNumber: "500",
      Protocol: "-1",
      RuleAction: "allow",
      Egress: "true",
      CidrBlock: "0.0.0.0/0",
    };
    expect(JSON.stringify(requestOf("CreateNetworkAclEntry", entry))).toBe(
      '{"networkAclId":"acl-1","ruleNumber":500,"egress":true,"ruleAction":"allow","icmpTypeCode":{},"portRange":{},' +
        '"aclProtocol":"-1","cidrBlock":"0.0.0.0/0"}',
    );
  });

  it("removes what gives access", () => {
    const run = requestOf("RunInstances", { ImageId: "ami-1", MinCount: "1", MaxCount: "1", UserData: "c2VjcmV0" });
    expect(run).toMatchObject({ userData: "<sensitiveDataRemoved>", disableApiTermination: false, blockDeviceMapping: {} });
    const attribute = { InstanceId: "i-1", Attribute: "userData", Value: "c2VjcmV0" };
    expect(requestOf("ModifyInstanceAttribute", attribute)).toEqual({
      instanceId: "i-1",
      attribute: "userData",
      value: "<sensitiveDataRemoved>",
    });
    const [key] = recordsOf(
      ec2Call(
        "CreateKeyPair",
        { KeyName: "k" },
        {
          answer: {
            status: 200,
            body: "<CreateKeyPairResponse><requestId>r</requestId><keyName>k</keyName><keyMaterial>-----BEGIN</keyMaterial></CreateKeyPairResponse>",
          },
        },
      ),
    );
    expect(key?.responseElements).toEqual({ requestId: key?.requestID, keyName: "k", keyMaterial: "<sensitiveDataRemoved>" });
  });

  it("renames the boolean result of void operations", () => {
    const [record] = recordsOf(ec2Call("DeleteVpc", { VpcId: "vpc-1" }));
    expect(record?.responseElements).toEqual({ requestId: "aaaaaaaa-0000-4000-8000-0000000000ff", _return: true });
  });

  it("confirms void operations whose backend leaves that out, and no others", () => {
    const bare = (operation: string) => ({
      status: 200,
      body: `<${operation}Response><requestId>r-1</requestId></${operation}Response>`,
    });
    const answered = (operation: string) =>
      recordsOf(ec2Call(operation, { VpcId: "vpc-1" }, { requestId: "r-1", answer: bare(operation) }))[0]?.responseElements;
    expect(answered("CreateTags")).toEqual({ requestId: "r-1", _return: true });
    expect(answered("CreateVpc")).toEqual({ requestId: "r-1" });
  });
});

describe("wrapped form", () => {
  it("numbers list elements with tag", () => {
    const pairs = {
      "VpcEndpointId.1": "vpce-1",
      "Filter.1.Name": "vpc-id",
      "Filter.1.Value.1": "vpc-1",
      "Filter.1.Value.2": "vpc-2",
      MaxResults: "5",
    };
    expect(requestOf("DescribeVpcEndpoints", pairs)).toEqual({
      DescribeVpcEndpointsRequest: {
        VpcEndpointId: { tag: 1, content: "vpce-1" },
        Filter: {
          tag: 1,
          Name: "vpc-id",
          Value: [
            { tag: 1, content: "vpc-1" },
            { tag: 2, content: "vpc-2" },
          ],
        },
        MaxResults: 5,
      },
    });
  });

  it("removes what gives access, in both directions", () => {
    const [record] = recordsOf(
      ec2Call(
        "CreateLaunchTemplateVersion",
        { LaunchTemplateId: "lt-1", "LaunchTemplateData.UserData": "c2VjcmV0", "LaunchTemplateData.InstanceType": "t3.micro" },
        {
          answer: {
            status: 200,
            body:
              '<CreateLaunchTemplateVersionResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>' +
              "<launchTemplateVersion><launchTemplateData><userData>c2VjcmV0</userData></launchTemplateData></launchTemplateVersion>" +
              "</CreateLaunchTemplateVersionResponse>",
          },
        },
      ),
    );
    expect(record?.requestParameters).toEqual({
      CreateLaunchTemplateVersionRequest: {
        LaunchTemplateId: "lt-1",
        LaunchTemplateData: { UserData: "<sensitiveDataRemoved>", InstanceType: "t3.micro" },
      },
    });
    expect(JSON.stringify(record)).not.toContain("c2VjcmV0");
  });

  it("keeps its wrapper when the call fails", () => {
    const [record] = recordsOf(
      ec2Call(
        "DeleteNatGateway",
        { NatGatewayId: "nat-1" },
        {
          answer: { status: 400, body: ec2Error("NatGatewayNotFound", "The Nat Gateway nat-1 was not found", "r") },
        },
      ),
    );
    expect(record).toMatchObject({
      errorCode: "Client.NatGatewayNotFound",
      requestParameters: { DeleteNatGatewayRequest: { NatGatewayId: "nat-1" } },
      responseElements: null,
    });
  });
});
