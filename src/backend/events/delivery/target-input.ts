import type { Delivery } from "./delivery-table.ts";
import { fillTemplate } from "./input-template.ts";
import { JsonText, parseJsonPath } from "./json-path.ts";

/**
 * What the target gets: the event, or what the target's own input makes of it. A path that leads nowhere gives `null`. Throws
 * `DeliveryError` where the template makes more of it than any target takes.
 */
export function targetInput({ event, target, ruleArn, ruleName, receivedAt }: Omit<Delivery, "number">): string {
  const { Input, InputPath, InputTransformer: transformer } = target;
  if (Input !== undefined) return Input;
  if (InputPath !== undefined) return new JsonText(event).select(parseJsonPath(InputPath) ?? []) ?? "null";
  if (transformer === undefined) return event;
  const paths = transformer.InputPathsMap ?? {};
  const text = new JsonText(event);
  const values = new Map<string, string | undefined>();
  return fillTemplate(transformer.InputTemplate, (name) => {
    if (values.has(name)) return values.get(name);
    const path = Object.hasOwn(paths, name) ? paths[name] : undefined;
    const steps = path === undefined ? undefined : parseJsonPath(path);
    const value =
      path === undefined ? predefined(name, text, { event, ruleArn, ruleName, receivedAt }) : steps && text.select(steps);
    values.set(name, value);
    return value;
  });
}

function predefined(
  name: string,
  text: JsonText,
  { event, ruleArn, ruleName, receivedAt }: Pick<Delivery, "event" | "ruleArn" | "ruleName" | "receivedAt">,
): string | undefined {
  switch (name) {
    case "aws.events.rule-arn":
      return JSON.stringify(ruleArn);
    case "aws.events.rule-name":
      return JSON.stringify(ruleName);
    case "aws.events.event.ingestion-time":
      return JSON.stringify(new Date(receivedAt).toISOString());
    case "aws.events.event":
      return withoutDetail(text);
    case "aws.events.event.json":
      return event;
    default:
      return undefined;
  }
}

/** In the members and the order that EventBridge gives it. */
function withoutDetail(event: JsonText): string {
  const member = (name: string): string => event.select([name]) ?? "null";
  return (
    `{"id":${member("id")},"account":${member("account")},"detailType":${member("detail-type")},"time":${member("time")},` +
    `"source":${member("source")},"region":${member("region")},"resources":${member("resources")},"version":${member("version")}}`
  );
}
