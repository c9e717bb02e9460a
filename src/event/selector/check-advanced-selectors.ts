import { dataResourceTypes } from "../../aws/catalogue/facts/resource-types.ts";
import { isUnqualifiedFunction } from "./check-basic-selectors.ts";
import { CATEGORY_RULES, type FieldRule, type TrailCategory } from "./field-rules.ts";
import { type FieldOperator, type GivenAdvancedSelector, type GivenFieldSelector, operatorName } from "./given-selectors.ts";
import { invalidSelectors } from "./invalid-selectors.ts";
import type { AdvancedSelector, FieldSelector, SelectorField } from "./selectors.ts";

/** "Quotas in AWS CloudTrail": values of all conditions of a trail. CloudTrail API Reference: lengths. */
const MAX_VALUES = 500;
const MAX_NAME = 1000;
const MAX_VALUE = 2048;

/** Advanced selectors of a trail, fields in the order given. Throws `InvalidEventSelectorsException`. */
export function checkAdvancedSelectors(given: readonly GivenAdvancedSelector[]): readonly AdvancedSelector[] {
  if (given.length === 0) throw invalidSelectors("At least one advanced event selector must be given.");
  let values = 0;
  for (const { fieldSelectors = [] } of given) {
    for (const { operators } of fieldSelectors) for (const some of operators.values()) values += some.length;
  }
  if (values > MAX_VALUES) {
    throw invalidSelectors(`Advanced event selectors can hold up to ${MAX_VALUES} values in all, but ${values} are given.`);
  }
  return given.map(checkAdvancedSelector);
}

function checkAdvancedSelector({ name, fieldSelectors: given = [] }: GivenAdvancedSelector): AdvancedSelector {
  if (name !== undefined && name.length > MAX_NAME) {
    throw invalidSelectors(`The name of an advanced event selector can be up to ${MAX_NAME} characters long.`);
  }
  if (given.length === 0) throw invalidSelectors("An advanced event selector must hold at least one field selector.");
  const fieldSelectors = given.map(checkFieldSelector);
  const category = categoryOf(fieldSelectors);
  const rules = CATEGORY_RULES[category];
  for (const selector of fieldSelectors) checkRule(selector, rules[selector.field], category);
  for (const [field, rule] of Object.entries(rules)) {
    const count = fieldSelectors.filter((selector) => selector.field === field).length;
    if (rule.required === true && count !== 1) {
      throw invalidSelectors(`An advanced event selector of category ${category} must hold the field ${field} exactly once.`);
    }
  }
  checkFunctions(fieldSelectors);
  return { ...(name === undefined ? {} : { name }), fieldSelectors };
}

/** What holds for fields of all kinds. */
function checkFieldSelector({ field, operators }: GivenFieldSelector): FieldSelector {
  if (field === undefined || !isField(field)) {
    throw invalidSelectors(`Value ${field ?? null} for Field is invalid. Valid values are: ${FIELDS.join(", ")}`);
  }
  if (operators.size === 0) throw invalidSelectors(`The field ${field} must have at least one operator.`);
  const checked: Partial<Record<FieldOperator, readonly string[]>> = {};
  for (const [operator, values] of operators) {
    if (values.length === 0)
      throw invalidSelectors(`${operatorName(operator)} of the field ${field} must have at least one value.`);
    checked[operator] = values.map((value) => {
      if (value !== undefined && value !== "" && value.length <= MAX_VALUE) return value;
      throw invalidSelectors(`The values of the field ${field} must be 1 to ${MAX_VALUE} characters long.`);
    });
  }
  return { field, ...checked };
}

function categoryOf(fieldSelectors: readonly FieldSelector[]): TrailCategory {
  const [first, ...more] = fieldSelectors.filter(({ field }) => field === "eventCategory");
  const [value, ...others] = first?.equals ?? [];
  const category = (["Management", "Data", "NetworkActivity"] as const).find((known) => known === value);
  if (first === undefined || more.length > 0) {
    throw invalidSelectors("An advanced event selector must hold the field eventCategory exactly once.");
  }
  if (category !== undefined && others.length === 0) return category;
  const shown = first.equals === undefined ? "no value" : `Value ${first.equals.join(", ")}`;
  throw invalidSelectors(
    `Equals of the field eventCategory has ${shown}, which is invalid. Valid values for trails are: Management, Data, NetworkActivity`,
  );
}

function checkRule(selector: FieldSelector, rule: FieldRule | undefined, category: TrailCategory): void {
  const { field, ...operators } = selector;
  if (rule === undefined) {
    throw invalidSelectors(`The field ${field} is not valid for advanced event selectors of category ${category}.`);
  }
  for (const [operator, values] of Object.entries(operators) as [FieldOperator, readonly string[]][]) {
    if (rule.operators !== undefined && !rule.operators.includes(operator)) {
      const valid = rule.operators.map(operatorName).join(", ");
      throw invalidSelectors(
        `The operator ${operatorName(operator)} is not valid for the field ${field} of category ${category}. Valid operators are: ${valid}`,
      );
    }
    if (rule.single === true && values.length > 1) {
      throw invalidSelectors(`The field ${field} of category ${category} can have one value only.`);
    }
    const wrong = rule.values === undefined ? undefined : values.find((value) => rule.values?.has(value) === false);
    if (wrong !== undefined) throw invalidSelectors(`Value ${wrong} for the field ${field} is invalid.${validValues(rule)}`);
  }
}

function validValues({ values }: FieldRule): string {
  if (values === undefined || values === dataResourceTypes || values.size > 5) return "";
  return ` Valid values are: ${[...values].join(", ")}`;
}

/** Invocations are recorded under the function, whatever version ran: no other ARN would ever be equal. */
function checkFunctions(fieldSelectors: readonly FieldSelector[]): void {
  const type = fieldSelectors.find(({ field }) => field === "resources.type")?.equals?.[0];
  if (type !== "AWS::Lambda::Function") return;
  for (const { field, equals = [], notEquals = [] } of fieldSelectors) {
    if (field !== "resources.ARN") continue;
    const wrong = [...equals, ...notEquals].find((value) => !isUnqualifiedFunction(value));
    if (wrong !== undefined) throw invalidSelectors(`Value ${wrong} for the field resources.ARN is invalid.`);
  }
}

const FIELDS: readonly SelectorField[] = [
  "eventCategory",
  "readOnly",
  "eventSource",
  "eventName",
  "eventType",
  "resources.type",
  "resources.ARN",
  "userIdentity.arn",
  "sessionCredentialFromConsole",
  "errorCode",
  "vpcEndpointId",
];

function isField(field: string): field is SelectorField {
  return FIELDS.some((known) => known === field);
}
