import { AwsError } from "../../aws/aws-error.ts";
import { busArn } from "./event-bus.ts";
import type { Constraints } from "./constraints.ts";
import type { EventsCall } from "./events-call.ts";
import type { Members } from "./members.ts";
import { findBus } from "./named-bus.ts";
import { ruleArn } from "./rule.ts";

const MOST = 50;

export function readTags(constraints: Constraints, list: readonly Members[] | undefined): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const [at, tag] of (list ?? []).entries()) {
    const [key, value] = [tag.text("Key"), tag.text("Value")];
    const path = `tags.${at + 1}.member`;
    constraints.required(`${path}.key`, key).text(`${path}.key`, key, { min: 1, max: 128 });
    constraints.required(`${path}.value`, value).text(`${path}.value`, value, { max: 256 });
    tags.set(key ?? "", value ?? "");
  }
  return tags;
}

/** Throws `ValidationException` where `tags` would make too many of them. */
export function addTags({ store }: EventsCall, arn: string, tags: ReadonlyMap<string, string>): void {
  if (new Map([...store.tags.list(arn), ...tags]).size > MOST) {
    throw new AwsError("ValidationException", `The number of tags exceeds the limit of ${MOST}.`);
  }
  store.tags.put(arn, tags);
}

/** The ARN of a rule or bus of the caller's. Throws `ResourceNotFoundException` and `ValidationException`. */
export function taggedArn(call: EventsCall, arn: string): string {
  const [, kind, path] = /^arn:[^:]*:events:[^:]*:[^:]*:(rule|event-bus)\/(.+)$/.exec(arn) ?? [];
  if (kind === undefined || path === undefined) throw new AwsError("ValidationException", "Parameter ResourceARN is not valid.");
  const cut = kind === "rule" ? path.lastIndexOf("/") : path.length;
  const bus = findBus(call, cut < 0 ? "default" : path.slice(0, cut));
  const name = path.slice(cut + 1);
  if (kind === "event-bus") {
    if (bus !== undefined && busArn(bus) === arn) return arn;
    throw new AwsError("ResourceNotFoundException", `Event bus ${path} does not exist.`);
  }
  if (bus !== undefined && ruleArn(bus, name) === arn && call.store.rules.get(bus, name) !== undefined) return arn;
  throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${bus?.bus ?? "default"}.`);
}
