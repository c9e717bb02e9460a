import type { Json } from "../../aws/tree.ts";

/** What EC2 shows although it was not sent, and in which order: per operation of the modelled form, in shown names. */
export interface Ec2RequestForm {
  /** Members with their defaults, shown whether sent or not. */
  readonly always?: Readonly<Record<string, Json>>;
  /** First members in order; the others follow in the model's order. */
  readonly order?: readonly string[];
}

const empty: Json = {};

const permissions: Ec2RequestForm = { always: { ipPermissions: empty }, order: ["groupId", "groupName", "ipPermissions"] };
const aclEntry: Ec2RequestForm = {
  always: { icmpTypeCode: empty, portRange: empty },
  order: [
    "networkAclId",
    "ruleNumber",
    "egress",
    "ruleAction",
    "icmpTypeCode",
    "portRange",
    "aclProtocol",
    "cidrBlock",
    "ipv6CidrBlock",
  ],
};

const forms: Readonly<Record<string, Ec2RequestForm>> = {
  AuthorizeSecurityGroupEgress: permissions,
  AuthorizeSecurityGroupIngress: permissions,
  RevokeSecurityGroupEgress: permissions,
  RevokeSecurityGroupIngress: permissions,
  CreateNetworkAclEntry: aclEntry,
  ReplaceNetworkAclEntry: aclEntry,
  CreateSecurityGroup: { order: ["groupName", "groupDescription", "vpcId"] },
  CreateSubnet: { order: ["vpcId", "cidrBlock", "availabilityZone"] },
  CreateTags: { order: ["resourcesSet", "tagSet"] },
  DeleteTags: { always: { tagSet: empty }, order: ["resourcesSet", "tagSet"] },
  CreateVolume: { order: ["size", "snapshotId", "availabilityZone", "volumeType", "iops"] },
  DescribeAccountAttributes: { always: { filterSet: empty } },
  DescribeSecurityGroups: { order: ["maxResults", "nextToken", "securityGroupSet", "securityGroupIdSet", "filterSet"] },
  ModifyImageAttribute: { order: ["imageId", "launchPermission", "attributeType"] },
  ModifySnapshotAttribute: { order: ["snapshotId", "createVolumePermission", "attributeType"] },
  RunInstances: {
    always: {
      blockDeviceMapping: empty,
      monitoring: { enabled: false },
      disableApiTermination: false,
      disableApiStop: false,
      ebsOptimized: false,
    },
    order: [
      "instancesSet",
      "groupSet",
      "additionalInfo",
      "userData",
      "instanceType",
      "kernelId",
      "ramdiskId",
      "blockDeviceMapping",
      "availabilityZone",
      "tenancy",
      "monitoring",
      "subnetId",
      "disableApiTermination",
      "disableApiStop",
      "instanceInitiatedShutdownBehavior",
      "privateIpAddress",
      "clientToken",
      "networkInterfaceSet",
      "iamInstanceProfile",
      "ebsOptimized",
      "tagSpecificationSet",
    ],
  },
  StopInstances: { always: { force: false }, order: ["instancesSet", "force"] },
};

const describeOrder: Ec2RequestForm = { order: ["maxResults", "nextToken"] };
const noForm: Ec2RequestForm = {};

export function ec2RequestForm(operation: string): Ec2RequestForm {
  const form = Object.hasOwn(forms, operation) ? forms[operation] : undefined;
  return form ?? (operation.startsWith("Describe") ? describeOrder : noForm);
}

/** Lists of these elements show all their own lists, empty ones as `{}`. */
export const ec2FullElements: ReadonlyMap<string, readonly string[]> = new Map([
  ["IpPermissions", ["UserIdGroupPairs", "IpRanges", "Ipv6Ranges", "PrefixListIds"]],
]);

/** Lists that kept the name `item` where all others have `items`: by operation and set. */
export const ec2SingularItems: ReadonlySet<string> = new Set([
  "DescribeVpcClassicLink vpcSet",
  "DescribeClassicLinkInstances instancesSet",
]);
