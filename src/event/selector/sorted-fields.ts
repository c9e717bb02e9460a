import type { AdvancedSelector, SelectorField } from "./selectors.ts";

/**
 * The order in which AWS gives the fields of an advanced selector back, whatever order they were set in. The first, the third, the
 * seventh and the last are as captured; the others stand where the same way of hashing names would put them.
 */
const ORDER: readonly SelectorField[] = [
  "userIdentity.arn",
  "sessionCredentialFromConsole",
  "eventCategory",
  "eventSource",
  "errorCode",
  "eventName",
  "resources.ARN",
  "readOnly",
  "eventType",
  "vpcEndpointId",
  "resources.type",
];

export function sortedFields(selector: AdvancedSelector): AdvancedSelector {
  const fieldSelectors = selector.fieldSelectors.toSorted(
    (left, right) => ORDER.indexOf(left.field) - ORDER.indexOf(right.field),
  );
  return { ...selector, fieldSelectors };
}
