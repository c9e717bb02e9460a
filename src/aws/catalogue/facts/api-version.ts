/**
 * `apiVersion` of the few services that put one into their records, by catalogue id. The spellings are the services' own
 * (`20140328`, `2020_05_31`). All others leave the member out.
 */
const versions: ReadonlyMap<string, string> = new Map([
  ["cloudwatch-logs", "20140328"],
  ["route-53", "2013-04-01"],
  ["elastic-load-balancing", "2012-06-01"],
  ["elastic-load-balancing-v2", "2015-12-01"],
  ["dynamodb", "2012-08-10"],
  ["dynamodb-streams", "2012-08-10"],
  ["efs", "2015-02-01"],
  ["app-mesh", "2019-01-25"],
  ["cloudfront", "2020_05_31"],
  ["codecommit", "2015-04-13"],
  ["eventbridge", "2015-10-07"],
  ["wafv2", "2019-04-23"],
  // Unconfirmed.
  ["waf", "2015-08-24"],
]);

export function apiVersion(serviceId: string): string | undefined {
  return versions.get(serviceId);
}
