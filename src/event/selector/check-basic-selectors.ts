import { parseArn } from "../../aws/arn.ts";
import { basicDataResourceTypes } from "../../aws/catalogue/facts/resource-types.ts";
import { isEverything } from "./compile-basic-selectors.ts";
import type { GivenBasicSelector, GivenDataResource } from "./given-selectors.ts";
import { invalidSelectors } from "./invalid-selectors.ts";
import type { BasicSelector, DataResource } from "./selectors.ts";

/** "Quotas in AWS CloudTrail": event selectors of a trail, and data resources of all of them together. */
const MAX_SELECTORS = 5;
const MAX_DATA_RESOURCES = 250;

const READ_WRITE_TYPES = ["All", "ReadOnly", "WriteOnly"] as const;
const EXCLUDABLE = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];

/** Basic selectors with AWS's defaults for what was left out. Throws `InvalidEventSelectorsException`. */
export function checkBasicSelectors(given: readonly GivenBasicSelector[]): readonly BasicSelector[] {
  if (given.length < 1 || given.length > MAX_SELECTORS) {
    throw invalidSelectors(`The number of event selectors must be between 1 and ${MAX_SELECTORS}, but is ${given.length}.`);
  }
  const selectors = given.map(checkBasicSelector);
  const resources = selectors.flatMap(({ dataResources }) => dataResources);
  // "All of a type" counts for nothing.
  const counted = resources.flatMap(({ type, values }) => values.filter((value) => !isEverything(type, value))).length;
  if (counted > MAX_DATA_RESOURCES) {
    throw invalidSelectors(
      `A trail can have up to ${MAX_DATA_RESOURCES} data resources in all of its event selectors, but ${counted} are given.`,
    );
  }
  return selectors;
}

function checkBasicSelector(given: GivenBasicSelector): BasicSelector {
  const { readWriteType = "All", includeManagementEvents = true, dataResources = [] } = given;
  const known = READ_WRITE_TYPES.find((type) => type === readWriteType);
  if (known === undefined) {
    throw invalidSelectors(
      `Value ${readWriteType} for ReadWriteType is invalid. Valid values are: ${READ_WRITE_TYPES.join(", ")}`,
    );
  }
  return {
    readWriteType: known,
    includeManagementEvents,
    excludeManagementEventSources: (given.excludeManagementEventSources ?? []).map(checkExcluded),
    dataResources: dataResources.map(checkDataResource),
  };
}

function checkExcluded(source: string | undefined): string {
  if (source !== undefined && EXCLUDABLE.includes(source)) return source;
  throw invalidSelectors(
    `Value ${source ?? null} for ExcludeManagementEventSources is invalid. Valid values are: ${EXCLUDABLE.join(", ")}`,
  );
}

function checkDataResource({ type, values = [] }: GivenDataResource): DataResource {
  if (!isBasicType(type)) {
    const valid = [...basicDataResourceTypes].join(", ");
    throw invalidSelectors(`Value ${type ?? null} for DataResources.Type is invalid. Valid values are: ${valid}`);
  }
  return { type, values: values.map((value) => checkValue(type, value)) };
}

function isBasicType(type: string | undefined): type is DataResource["type"] {
  return type !== undefined && basicDataResourceTypes.has(type);
}

function checkValue(type: DataResource["type"], value: string | undefined): string {
  if (value !== undefined && (isEverything(type, value) || VALUES[type](value))) return value;
  if (type === "AWS::S3::Object" && value?.startsWith("arn:") === true && !/^arn:aws[a-z-]*:s3/.test(value)) {
    throw invalidSelectors(`Invalid S3 ARN: ${value}`);
  }
  throw invalidSelectors(`Value ${value ?? null} for DataResources.Values is invalid.`);
}

const VALUES: Readonly<Record<DataResource["type"], (value: string) => boolean>> = {
  // The slash behind the bucket is what makes it the beginning of an object's ARN. Keys may hold anything, spaces too.
  "AWS::S3::Object": (value) => value.length <= 2048 && /^arn:aws[a-z-]*:s3:::[\w.-]{1,255}\//.test(value),
  "AWS::Lambda::Function": (value) => names(value, "lambda", UNQUALIFIED_FUNCTION),
  "AWS::DynamoDB::Table": (value) => names(value, "dynamodb", /^table\/[\w.-]{1,255}$/),
};

const UNQUALIFIED_FUNCTION = /^function:[\w-]{1,140}$/;

/** Whether a value is the ARN of a function without version and alias. */
export function isUnqualifiedFunction(value: string): boolean {
  return names(value, "lambda", UNQUALIFIED_FUNCTION);
}

function names(value: string, service: string, resource: RegExp): boolean {
  const arn = parseArn(value);
  return arn?.service === service && arn.region !== "" && arn.accountId !== "" && resource.test(arn.resource);
}
