import { readFileSync } from "node:fs";

/** `data/selectable.json`: families of resource types with the last parts of their names, and event sources without their suffix. */
interface Selectable {
  readonly dataResourceTypes: Readonly<Record<string, string>>;
  readonly networkActivitySources: string;
}

/**
 * What event selectors may name, from the AWS CloudTrail User Guide ("Logging data events", "Logging network activity events"; 2026)
 * and the Amazon EventBridge User Guide. The lists grow monthly: they are data.
 */
const selectable = JSON.parse(readFileSync(new URL("../data/selectable.json", import.meta.url), "utf8")) as Selectable;

/** `AWS::S3::Object` and all its kin: what `resources.type` of a data event selector accepts. */
export const dataResourceTypes: ReadonlySet<string> = new Set(
  Object.entries(selectable.dataResourceTypes).flatMap(([family, names]) =>
    names.split(" ").map((name) => `AWS::${family}::${name}`),
  ),
);

/** `kms.amazonaws.com`: the services whose calls through VPC endpoints a selector of network activity may name. */
export const networkActivitySources: ReadonlySet<string> = new Set(
  selectable.networkActivitySources.split(" ").map((name) => `${name}.amazonaws.com`),
);

/** The three that basic event selectors know (`DataResources[].Type`), in the order in which AWS names them. */
export const basicDataResourceTypes: ReadonlySet<string> = new Set([
  "AWS::DynamoDB::Table",
  "AWS::Lambda::Function",
  "AWS::S3::Object",
]);
