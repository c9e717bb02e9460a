/**
 * Names in the modelled form of EC2's requests: those of the SOAP interface, read off its WSDL of the years before 2015 and
 * off records. What stands in no table keeps its model name with the first letter lowered.
 */

/** How a list stands in a record: `{ [set]: { items: [{ [element]: value }] } }`; structures keep their own members. */
export interface ListName {
  readonly set: string;
  /** Name that each scalar element is given. */
  readonly element: string;
}

/** By model name of the member: `set/element`. */
const lists: Readonly<Record<string, string>> = {
  AllocationIds: "allocationIdsSet/allocationId",
  AttributeNames: "accountAttributeNameSet/attributeName",
  BillingProducts: "billingProducts/billingProduct",
  BlockDeviceMappings: "blockDeviceMapping/item",
  BundleIds: "bundlesSet/bundleId",
  ConversionTaskIds: "conversionTaskIdSet/conversionTaskId",
  CustomerGatewayIds: "customerGatewaySet/customerGatewayId",
  DhcpConfigurations: "dhcpConfigurationSet/item",
  DhcpOptionsIds: "dhcpOptionsSet/dhcpOptionsId",
  DiskImages: "diskImageSet/item",
  ExecutableUsers: "executableBySet/user",
  ExportTaskIds: "exportTaskIdSet/exportTaskId",
  Filters: "filterSet/item",
  GroupIds: "securityGroupIdSet/groupId",
  GroupNames: "securityGroupSet/groupName",
  Groups: "groupSet/groupId",
  ImageIds: "imagesSet/imageId",
  ImportTaskIds: "importTaskIdSet/importTaskId",
  InstanceIds: "instancesSet/instanceId",
  Instances: "instancesSet/instanceId",
  InstanceTypes: "instanceTypeSet/instanceType",
  InternetGatewayIds: "internetGatewayIdSet/internetGatewayId",
  IpPermissions: "ipPermissions/item",
  IpRanges: "ipRanges/item",
  Ipv6Addresses: "ipv6AddressesSet/ipv6Address",
  Ipv6Ranges: "ipv6Ranges/item",
  KeyNames: "keySet/keyName",
  KeyPairIds: "keyPairIdSet/keyPairId",
  NetworkAclIds: "networkAclIdSet/networkAclId",
  NetworkInterfaceIds: "networkInterfaceIdSet/networkInterfaceId",
  NetworkInterfaces: "networkInterfaceSet/item",
  OwnerIds: "ownersSet/owner",
  Owners: "ownersSet/owner",
  PrefixListIds: "prefixListIds/item",
  PriceSchedules: "priceSchedules/item",
  PrivateIpAddresses: "privateIpAddressesSet/privateIpAddress",
  ProductCodes: "productCodes/productCode",
  ProductDescriptions: "productDescriptionSet/productDescription",
  PublicIps: "publicIpsSet/publicIp",
  ReasonCodes: "reasonCodesSet/reasonCode",
  RegionNames: "regionSet/regionName",
  ReservedInstancesIds: "reservedInstancesSet/reservedInstancesId",
  ReservedInstancesModificationIds: "reservedInstancesModificationSet/reservedInstancesModificationId",
  ReservedInstancesOfferingIds: "reservedInstancesOfferingsSet/reservedInstancesOfferingId",
  Resources: "resourcesSet/resourceId",
  RestorableByUserIds: "sharedUsersSet/user",
  RouteTableIds: "routeTableIdSet/routeTableId",
  SecurityGroupIds: "groupSet/groupId",
  SecurityGroupRuleIds: "securityGroupRuleIdSet/securityGroupRuleId",
  SecurityGroups: "groupSet/groupName",
  SnapshotIds: "snapshotSet/snapshotId",
  SpotInstanceRequestIds: "spotInstanceRequestIdSet/spotInstanceRequestId",
  SubnetIds: "subnetSet/subnetId",
  TagSpecifications: "tagSpecificationSet/item",
  Tags: "tagSet/item",
  TargetConfigurations: "targetConfigurationSet/item",
  UserIdGroupPairs: "groups/item",
  Values: "valueSet/value",
  VolumeIds: "volumeSet/volumeId",
  VpcIds: "vpcSet/vpcId",
  VpcPeeringConnectionIds: "vpcPeeringConnectionIdSet/vpcPeeringConnectionId",
  VpnConnectionIds: "vpnConnectionSet/vpnConnectionId",
  VpnGatewayIds: "vpnGatewaySet/vpnGatewayId",
  ZoneIds: "availabilityZoneIdSet/zoneId",
  ZoneNames: "availabilityZoneSet/zoneName",
  Add: "add/userId",
  Remove: "remove/userId",
};

/** Where an operation names a list differently. */
const listsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  DescribePlacementGroups: { GroupNames: "placementGroupSet/groupName", GroupIds: "placementGroupIdSet/groupId" },
  CreateTags: { Tags: "tagSet/item" },
};

const names: Readonly<Record<string, string>> = {
  AWSAccessKeyId: "awsAccessKeyId",
  ExportToS3Task: "exportToS3",
};

const namesOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  CreateSecurityGroup: { Description: "groupDescription" },
  CreateCustomerGateway: { PublicIp: "ipAddress" },
  CreateNetworkAclEntry: { Protocol: "aclProtocol" },
  ReplaceNetworkAclEntry: { Protocol: "aclProtocol" },
  ModifyImageAttribute: { Attribute: "attributeType" },
  ModifySnapshotAttribute: { Attribute: "attributeType" },
};

/** Members that never appear in a record of the modelled form. */
const unshown: ReadonlySet<string> = new Set(["DryRun", "PresignedUrl"]);

export function ec2ListName(operation: string, member: string, singular: string | undefined): ListName {
  const known = entry(listsOf[operation], member) ?? entry(lists, member);
  if (known !== undefined) {
    const [set = "", element = ""] = known.split("/");
    return { set, element };
  }
  const element = lowerFirst(singular ?? member);
  return { set: singular === undefined ? element : `${element}Set`, element };
}

export function ec2MemberName(operation: string, member: string): string {
  return entry(namesOf[operation], member) ?? entry(names, member) ?? lowerFirst(member);
}

export function ec2ShowsMember(operation: string, member: string): boolean {
  return !unshown.has(member) && !(operation === "DescribeVpcAttribute" && member === "Attribute");
}

function entry(table: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
