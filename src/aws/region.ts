import { remembered } from "../base/remembered.ts";

/** What differs between AWS's separate clouds. */
export interface Partition {
  /** The second part of an ARN. */
  readonly id: string;
  readonly dnsSuffix: string;
  /** Where global services (IAM, Organizations, Route 53, the global STS endpoint) keep their events. */
  readonly homeRegion: string;
}

const AWS: Partition = { id: "aws", dnsSuffix: "amazonaws.com", homeRegion: "us-east-1" };

/** By the beginning of the region's name, the longest first. */
const PARTITIONS: readonly (readonly [prefix: string, partition: Partition])[] = [
  ["us-isob-", { id: "aws-iso-b", dnsSuffix: "sc2s.sgov.gov", homeRegion: "us-isob-east-1" }],
  ["us-isof-", { id: "aws-iso-f", dnsSuffix: "csp.hci.ic.gov", homeRegion: "us-isof-south-1" }],
  ["eu-isoe-", { id: "aws-iso-e", dnsSuffix: "cloud.adc-e.uk", homeRegion: "eu-isoe-west-1" }],
  ["us-iso-", { id: "aws-iso", dnsSuffix: "c2s.ic.gov", homeRegion: "us-iso-east-1" }],
  ["us-gov-", { id: "aws-us-gov", dnsSuffix: "amazonaws.com", homeRegion: "us-gov-west-1" }],
  ["eusc-", { id: "aws-eusc", dnsSuffix: "amazonaws.eu", homeRegion: "eusc-de-east-1" }],
  ["cn-", { id: "aws-cn", dnsSuffix: "amazonaws.com.cn", homeRegion: "cn-north-1" }],
];

/** The partition of a region; regions of other people's making (`garage`, `RegionOne`) count as AWS's commercial one. */
export const partitionOf: (region: string) => Partition = remembered(
  (region) => PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? AWS,
);

const REGION_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;

/**
 * Whether a text from the wire can stand for a region in a record, a file name and an S3 key: up to 63 letters, digits, hyphens and
 * underscores. Wider than AWS's own names, because stores that speak its API let their owners choose.
 */
export function isRegionName(text: string): boolean {
  return REGION_NAME.test(text);
}

const AWS_REGION = /^[a-z]{2,4}(?:-[a-z]+){1,2}-\d{1,2}$/;

/** Whether a text has the form of AWS's own region names (`eu-west-1`, `us-gov-east-1`, `ap-southeast-5`). */
export function isAwsRegionName(text: string): boolean {
  return AWS_REGION.test(text);
}
