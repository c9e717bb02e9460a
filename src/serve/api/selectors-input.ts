import { checkAdvancedSelectors } from "../../event/selector/check-advanced-selectors.ts";
import { checkBasicSelectors } from "../../event/selector/check-basic-selectors.ts";
import {
  type FieldOperator,
  FIELD_OPERATORS,
  type GivenAdvancedSelector,
  type GivenBasicSelector,
  type GivenFieldSelector,
  operatorName,
} from "../../event/selector/given-selectors.ts";
import { invalidSelectors } from "../../event/selector/invalid-selectors.ts";
import type { Selectors } from "../../event/selector/selectors.ts";
import type { Input } from "./input.ts";

/** The selectors of a PutEventSelectors request. Throws `InvalidEventSelectorsException`. */
export function selectorsOf(input: Input): Selectors {
  const basic = input.structures("EventSelectors");
  const advanced = input.structures("AdvancedEventSelectors");
  if (basic !== undefined && advanced !== undefined) {
    throw invalidSelectors("EventSelectors and AdvancedEventSelectors cannot be set at the same time.");
  }
  if (advanced !== undefined) return { kind: "advanced", selectors: checkAdvancedSelectors(advanced.map(givenAdvanced)) };
  if (basic !== undefined) return { kind: "basic", selectors: checkBasicSelectors(basic.map(givenBasic)) };
  throw invalidSelectors("Either EventSelectors or AdvancedEventSelectors must be set.");
}

function givenBasic(input: Input): GivenBasicSelector {
  return {
    readWriteType: input.text("ReadWriteType"),
    includeManagementEvents: input.flag("IncludeManagementEvents"),
    excludeManagementEventSources: input.texts("ExcludeManagementEventSources"),
    dataResources: input
      .structures("DataResources")
      ?.map((resource) => ({ type: resource.text("Type"), values: resource.texts("Values") })),
  };
}

function givenAdvanced(input: Input): GivenAdvancedSelector {
  return { name: input.text("Name"), fieldSelectors: input.structures("FieldSelectors")?.map(givenField) };
}

function givenField(input: Input): GivenFieldSelector {
  const operators = new Map<FieldOperator, readonly (string | undefined)[]>();
  for (const operator of FIELD_OPERATORS) {
    const values = input.texts(operatorName(operator));
    if (values !== undefined) operators.set(operator, values);
  }
  return { field: input.text("Field"), operators };
}
