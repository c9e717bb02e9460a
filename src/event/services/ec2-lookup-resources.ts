import type { Json } from "../../aws/tree.ts";
import type { LookupResource } from "../built-event.ts";
import type { ShownParameters } from "../service-rules.ts";

/** Resource types by the member that holds the id, in shown names. */
const types: ReadonlyMap<string, string> = new Map([
  ["instanceId", "AWS::EC2::Instance"],
  ["groupId", "AWS::EC2::SecurityGroup"],
  ["vpcId", "AWS::EC2::VPC"],
  ["subnetId", "AWS::EC2::Subnet"],
  ["imageId", "AWS::EC2::Ami"],
  ["networkInterfaceId", "AWS::EC2::NetworkInterface"],
  ["keyName", "AWS::EC2::KeyPair"],
  ["volumeId", "AWS::EC2::Volume"],
  ["snapshotId", "AWS::EC2::Snapshot"],
  ["routeTableId", "AWS::EC2::RouteTable"],
  ["internetGatewayId", "AWS::EC2::InternetGateway"],
  ["networkAclId", "AWS::EC2::NetworkAcl"],
  ["allocationId", "AWS::EC2::EIP"],
  ["publicIp", "AWS::EC2::EIP"],
  ["customerGatewayId", "AWS::EC2::CustomerGateway"],
  ["vpnGatewayId", "AWS::EC2::VPNGateway"],
  ["vpnConnectionId", "AWS::EC2::VPNConnection"],
  ["vpcPeeringConnectionId", "AWS::EC2::VPCPeeringConnection"],
  ["dhcpOptionsId", "AWS::EC2::DHCPOptions"],
]);

/** `resourceId` of CreateTags says what it is by its prefix. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ["i", "AWS::EC2::Instance"],
  ["sg", "AWS::EC2::SecurityGroup"],
  ["vpc", "AWS::EC2::VPC"],
  ["subnet", "AWS::EC2::Subnet"],
  ["ami", "AWS::EC2::Ami"],
  ["eni", "AWS::EC2::NetworkInterface"],
  ["vol", "AWS::EC2::Volume"],
  ["snap", "AWS::EC2::Snapshot"],
  ["rtb", "AWS::EC2::RouteTable"],
  ["igw", "AWS::EC2::InternetGateway"],
  ["acl", "AWS::EC2::NetworkAcl"],
]);

/** AWS shows a few dozen at most. */
const MAXIMUM = 100;

/** `Resources` of LookupEvents: every id in the request and the answer of a modelled call, each once. */
export function ec2LookupResources(shown: ShownParameters): readonly LookupResource[] {
  const found = new Map<string, LookupResource>();
  collect(shown.requestParameters, found);
  collect(shown.responseElements, found);
  return [...found.values()];
}

function collect(value: Json, found: Map<string, LookupResource>): void {
  if (typeof value !== "object" || value === null || found.size >= MAXIMUM) return;
  if (Array.isArray(value)) {
    for (const element of value as readonly Json[]) collect(element, found);
    return;
  }
  for (const [member, child] of Object.entries(value)) {
    if (typeof child !== "string") {
      collect(child, found);
      continue;
    }
    const type = types.get(member) ?? (member === "resourceId" ? prefixes.get(child.split("-", 1)[0] ?? "") : undefined);
    if (type !== undefined && found.size < MAXIMUM) found.set(`${type} ${child}`, { type, name: child });
  }
}
