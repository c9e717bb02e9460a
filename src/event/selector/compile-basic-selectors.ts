import type { EventPredicate } from "./event-predicate.ts";
import { PrefixSet } from "./prefix-set.ts";
import type { BasicSelector, DataResource } from "./selectors.ts";

type ResourceTest = (arn: string | undefined) => boolean;

export function compileBasicSelectors(selectors: readonly BasicSelector[]): EventPredicate {
  const compiled = selectors.map(compileBasicSelector);
  const [only] = compiled;
  if (only !== undefined && compiled.length === 1) return only;
  return (event) => compiled.some((takes) => takes(event));
}

function compileBasicSelector(selector: BasicSelector): EventPredicate {
  const { readWriteType, includeManagementEvents } = selector;
  const wantsReads = readWriteType !== "WriteOnly";
  const wantsWrites = readWriteType !== "ReadOnly";
  const excluded = new Set(selector.excludeManagementEventSources);
  const touches = compileDataResources(selector.dataResources);
  return (event) => {
    if (event.readOnly ? !wantsReads : !wantsWrites) return false;
    if (event.category === "Management") return includeManagementEvents && !excluded.has(event.source);
    return event.category === "Data" && touches(event);
  };
}

/** By type: the resources of that type, S3 objects by the beginning of their ARN, functions and tables by all of it. */
function compileDataResources(resources: readonly DataResource[]): EventPredicate {
  const values = new Map<string, string[]>();
  for (const { type, values: some } of resources) values.set(type, [...(values.get(type) ?? []), ...some]);
  const tests = new Map([...values].map(([type, some]) => [type, compileValues(type, some)] as const));
  if (tests.size === 0) return () => false;
  return (event) => {
    for (const { type, arn } of event.resources) {
      const takes = type === undefined ? undefined : tests.get(type);
      if (takes?.(arn) === true) return true;
    }
    return false;
  };
}

function compileValues(type: string, values: readonly string[]): ResourceTest {
  if (values.some((value) => isEverything(type, value))) return () => true;
  if (type === "AWS::S3::Object") {
    const prefixes = new PrefixSet(values);
    return (arn) => arn !== undefined && prefixes.begins(arn);
  }
  const arns = new Set(values);
  return (arn) => arn !== undefined && arns.has(arn);
}

const EVERYTHING: Readonly<Record<DataResource["type"], RegExp>> = {
  "AWS::S3::Object": /^arn:aws[a-z-]*:s3(?::::)?$/,
  "AWS::Lambda::Function": /^arn:aws[a-z-]*:lambda$/,
  "AWS::DynamoDB::Table": /^arn:aws[a-z-]*:dynamodb$/,
};

/** Whether a value of `DataResources` stands for everything of its type: `arn:aws:s3`, `arn:aws:s3:::`, `arn:aws:lambda`. */
export function isEverything(type: string, value: string): boolean {
  return Object.hasOwn(EVERYTHING, type) && EVERYTHING[type as DataResource["type"]].test(value);
}
