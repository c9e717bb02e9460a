import type { JsonObject } from "../../aws/tree.ts";
import type { ServiceRules } from "../service-rules.ts";

/** Members that stay where they are: the operations that answer with them are younger than the habit. */
const KEPT: ReadonlySet<string> = new Set([
  "aquaConfiguration",
  "blueGreenDeployment",
  "dBCapacityReservation",
  "dBProxy",
  "dBProxyEndpoint",
  "dBProxyTargetGroup",
  "dBRecommendation",
  "resourcePolicy",
  "serverlessCache",
  "serverlessCacheSnapshot",
]);

/**
 * The services of relational databases and caches answer with one thing, wrapped in a member of its name; their records
 * show it unwrapped (`responseElements.dBInstanceIdentifier`), and detections ask for it there. Sources: Amazon ElastiCache
 * User Guide, "Logging Amazon ElastiCache API calls with AWS CloudTrail"; published records of RDS.
 */
export const databaseAnswers: ServiceRules = {
  responseElements: (_call, general) => unwrapped(general),
};

/** Catalogue ids of those services. */
export const databaseServices: readonly string[] = ["rds", "docdb", "neptune", "redshift", "elasticache"];

function unwrapped(shown: JsonObject | null): JsonObject | null {
  const [only, ...others] = Object.entries(shown ?? {});
  if (only === undefined || others.length > 0 || KEPT.has(only[0])) return shown;
  const value = only[1];
  return typeof value !== "object" || value === null || Array.isArray(value) ? shown : (value as JsonObject);
}
