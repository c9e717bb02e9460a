import type { TreeObject } from "../../aws/tree.ts";
import { FIELD_OPERATORS, operatorName } from "../../event/selector/given-selectors.ts";
import type { AdvancedSelector, BasicSelector, FieldSelector, Selectors } from "../../event/selector/selectors.ts";

/** `EventSelectors` or `AdvancedEventSelectors`, never both, in the order in which they stand. */
export function selectorsOutput(selectors: Selectors): TreeObject {
  return selectors.kind === "basic"
    ? { EventSelectors: selectors.selectors.map(basicOutput) }
    : { AdvancedEventSelectors: selectors.selectors.map(advancedOutput) };
}

function basicOutput(selector: BasicSelector): TreeObject {
  return {
    ReadWriteType: selector.readWriteType,
    IncludeManagementEvents: selector.includeManagementEvents,
    DataResources: selector.dataResources.map(({ type, values }) => ({ Type: type, Values: values })),
    ExcludeManagementEventSources: selector.excludeManagementEventSources,
  };
}

function advancedOutput({ name, fieldSelectors }: AdvancedSelector): TreeObject {
  return { ...(name === undefined ? {} : { Name: name }), FieldSelectors: fieldSelectors.map(fieldOutput) };
}

function fieldOutput(selector: FieldSelector): TreeObject {
  const operators: Record<string, readonly string[]> = {};
  for (const operator of FIELD_OPERATORS) {
    const values = selector[operator];
    if (values !== undefined) operators[operatorName(operator)] = values;
  }
  return { Field: selector.field, ...operators };
}
