import { dataResourceType } from "../../aws/catalogue/facts/data-events.ts";
import { eventName } from "../../aws/catalogue/facts/event-name.ts";
import { isReadOnlyCall } from "../../aws/catalogue/facts/read-only.ts";
import { type FurtherEvent, furtherEvents } from "../../event/further-events.ts";
import { compileCondition } from "../../event/selector/compile-condition.ts";
import type { AdvancedSelector, BasicSelector, FieldSelector, SelectorField, Selectors } from "../../event/selector/selectors.ts";
import type { CallKind } from "../recorder.ts";

/**
 * Whether selectors could take a data event of such a call, by what is known before anything is captured of it: the family of
 * its resources, the names of its events, and whether they read. Never false for a call of which they then take an event.
 */
export function kindMayMatch(selectors: Selectors, call: CallKind): boolean {
  const { serviceId, operationName } = call;
  const type = dataResourceType(serviceId, operationName);
  if (type === undefined) return false;
  const readOnly = isReadOnlyCall(call);
  const events = [{ name: eventName(serviceId, operationName), readOnly }, ...furtherEvents(serviceId, operationName)];
  const family = familyOf(type);
  return selectors.kind === "basic"
    ? selectors.selectors.some((selector) => events.some((event) => basicMayMatch(selector, family, event)))
    : selectors.selectors.some((selector) => events.some((event) => advancedMayMatch(selector, family, event)));
}

/**
 * `AWS::SNS` of `AWS::SNS::PlatformEndpoint`: one operation serves several types, and only its record says which it was. All of
 * S3's are one.
 */
function familyOf(type: string): string {
  const [, family = ""] = type.split("::");
  return family.startsWith("S3") ? "S3" : family;
}

function basicMayMatch({ readWriteType, dataResources }: BasicSelector, family: string, { readOnly }: FurtherEvent): boolean {
  if (readWriteType === (readOnly ? "WriteOnly" : "ReadOnly")) return false;
  return dataResources.some(({ type, values }) => values.length > 0 && familyOf(type) === family);
}

function advancedMayMatch({ fieldSelectors }: AdvancedSelector, family: string, event: FurtherEvent): boolean {
  const hold = (field: SelectorField, test: (selector: FieldSelector) => boolean): boolean =>
    fieldSelectors.every((selector) => selector.field !== field || test(selector));
  return (
    hold("eventCategory", (selector) => compileCondition(selector)("Data")) &&
    hold("resources.type", ({ equals }) => equals === undefined || equals.some((type) => familyOf(type) === family)) &&
    hold("eventName", (selector) => compileCondition(selector)(event.name)) &&
    hold("readOnly", (selector) => compileCondition(selector)(String(event.readOnly)))
  );
}
