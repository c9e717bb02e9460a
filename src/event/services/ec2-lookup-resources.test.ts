import { expect, test } from "vitest";
import { ec2LookupResources } from "./ec2-lookup-resources.ts";

test("ids of request and answer, each once, typed by their members", () => {
  const found = ec2LookupResources({
    requestParameters: { vpcId: "vpc-1", peerVpcId: "vpc-2" },
    responseElements: {
      requestId: "r",
      vpcPeeringConnection: { vpcPeeringConnectionId: "pcx-1", requesterVpcInfo: { vpcId: "vpc-1" } },
    },
  });
  expect(found).toEqual([
    { type: "AWS::EC2::VPC", name: "vpc-1" },
    { type: "AWS::EC2::VPCPeeringConnection", name: "pcx-1" },
  ]);
});

test("what CreateTags tags is told by its prefix", () => {
  const resourcesSet = { items: [{ resourceId: "i-1" }, { resourceId: "unheard-1" }] };
  expect(ec2LookupResources({ requestParameters: { resourcesSet }, responseElements: null })).toEqual([
    { type: "AWS::EC2::Instance", name: "i-1" },
  ]);
});
