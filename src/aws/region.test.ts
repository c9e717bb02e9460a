import { expect, test } from "vitest";
import { isAwsRegionName, isRegionName, partitionOf } from "./region.ts";

test.each([
  ["us-east-1", "aws", "us-east-1"],
  ["ap-southeast-5", "aws", "us-east-1"],
  ["cn-northwest-1", "aws-cn", "cn-north-1"],
  ["us-gov-east-1", "aws-us-gov", "us-gov-west-1"],
  ["us-iso-west-1", "aws-iso", "us-iso-east-1"],
  ["us-isob-east-1", "aws-iso-b", "us-isob-east-1"],
  ["eusc-de-east-1", "aws-eusc", "eusc-de-east-1"],
  ["garage", "aws", "us-east-1"],
])("%s is in %s, whose home is %s", (region, id, homeRegion) => expect(partitionOf(region)).toMatchObject({ id, homeRegion }));

test("names from the wire", () => {
  for (const name of ["us-east-1", "garage", "RegionOne", "auto", "x"]) expect(isRegionName(name)).toBe(true);
  for (const name of ["", "../etc", "a/b", "-a", "a-", "a b", "a".repeat(64), "us-east-1\n", "é"])
    expect(isRegionName(name)).toBe(false);
});

test("AWS's own names", () => {
  for (const name of ["us-east-1", "us-gov-west-1", "ap-southeast-5", "eusc-de-east-1", "us-isob-east-1", "mx-central-1"]) {
    expect(isAwsRegionName(name)).toBe(true);
  }
  for (const name of ["garage", "us-east", "us-east-1a", "US-EAST-1", "1-2-3"]) expect(isAwsRegionName(name)).toBe(false);
});
