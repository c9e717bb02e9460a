import { compileCondition, type Condition } from "./compile-condition.ts";
import type { EventPredicate } from "./event-predicate.ts";
import type { EventView } from "./event-view.ts";
import type { AdvancedSelector, FieldSelector, SelectorField } from "./selectors.ts";

type ResourceField = "resources.type" | "resources.ARN";
type OwnField = Exclude<SelectorField, "eventCategory" | ResourceField>;

/** In the order in which they are looked at: what costs least and excludes most comes first. */
const OWN_FIELDS: Readonly<Record<OwnField, (event: EventView) => string | undefined>> = {
  readOnly: (event) => (event.readOnly ? "true" : "false"),
  eventSource: (event) => event.source,
  eventName: (event) => event.name,
  errorCode: (event) => event.errorCode,
  eventType: (event) => event.type,
  "userIdentity.arn": (event) => event.userArn,
  sessionCredentialFromConsole: (event) => (event.fromConsole ? "true" : undefined),
  vpcEndpointId: (event) => event.vpcEndpointId,
};

const CATEGORIES = ["Management", "Data", "NetworkActivity"] as const;

export function compileAdvancedSelectors(selectors: readonly AdvancedSelector[]): EventPredicate {
  const byCategory = new Map<EventView["category"], EventPredicate[]>();
  for (const { fieldSelectors } of selectors) {
    const ofCategory = fieldSelectors.filter(({ field }) => field === "eventCategory").map(compileCondition);
    const takes = compileFields(fieldSelectors);
    for (const category of CATEGORIES) {
      if (ofCategory.length === 0 || !ofCategory.every((holds) => holds(category))) continue;
      byCategory.set(category, [...(byCategory.get(category) ?? []), takes]);
    }
  }
  return (event) => {
    const compiled = byCategory.get(event.category);
    if (compiled === undefined) return false;
    for (const takes of compiled) if (takes(event)) return true;
    return false;
  };
}

/** All fields of one selector but the category. */
function compileFields(fieldSelectors: readonly FieldSelector[]): EventPredicate {
  const tests: EventPredicate[] = [];
  for (const [field, valueOf] of Object.entries(OWN_FIELDS)) {
    for (const selector of fieldSelectors.filter((candidate) => candidate.field === field)) {
      const holds = compileCondition(selector);
      tests.push((event) => holds(valueOf(event)));
    }
  }
  const types = conditionsOn("resources.type", fieldSelectors);
  const arns = conditionsOn("resources.ARN", fieldSelectors);
  if (types.length > 0 || arns.length > 0) tests.push((event) => touches(event.resources, types, arns));
  return (event) => {
    for (const holds of tests) if (!holds(event)) return false;
    return true;
  };
}

function conditionsOn(field: ResourceField, fieldSelectors: readonly FieldSelector[]): Condition[] {
  return fieldSelectors.filter((selector) => selector.field === field).map(compileCondition);
}

/** Type and ARN have to hold of one and the same resource: the bucket that stands beside an object is not of its type. */
function touches(resources: EventView["resources"], types: readonly Condition[], arns: readonly Condition[]): boolean {
  for (const { type, arn } of resources) {
    if (types.every((holds) => holds(type)) && arns.every((holds) => holds(arn))) return true;
  }
  return false;
}
