import { AwsError } from "../../../aws/aws-error.ts";
import { Constraints } from "../constraints.ts";
import { DEFAULT_BUS } from "../event-bus.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { limitExceeded } from "../limit-exceeded.ts";
import { checkBusName, checkRuleName, namedBus } from "../named-bus.ts";
import { checkPattern, MAX_PATTERN } from "../check-pattern.ts";
import { RULE_STATES, type Rule, ruleArn } from "../rule.ts";
import { addTags, readTags } from "../tags.ts";

/** "Amazon EventBridge quotas". */
const RULES_PER_BUS = 300;
const SCHEDULE = /^(?:rate\([1-9][0-9]* (?:minutes?|hours?|days?)\)|cron\([^()]+\))$/;

/** Replaces the rule of that name, but for its targets and tags. Schedules are not served. */
export const putRule: NamedEventsOperation = {
  name: "PutRule",
  handle(call) {
    const { input, store, indexes } = call;
    const [pattern, schedule] = [input.text("EventPattern"), input.text("ScheduleExpression")];
    const constraints = checkBusName(checkRuleName(new Constraints(), "name", input.text("Name")), input.text("EventBusName"));
    constraints
      .text("eventPattern", pattern, { max: MAX_PATTERN })
      .text("scheduleExpression", schedule, { max: 256 })
      .text("state", input.text("State"), { oneOf: RULE_STATES })
      .text("description", input.text("Description"), { max: 512 })
      .text("roleArn", input.text("RoleArn"), { min: 1, max: 1600 });
    const tags = readTags(constraints, input.structures("Tags"));
    constraints.check();
    const bus = namedBus(call, input.text("EventBusName"));
    if (schedule !== undefined && schedule !== "") throw unserved(schedule, bus.bus);
    if (pattern === undefined || pattern === "") {
      throw new AwsError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
    }
    checkPattern(pattern);
    const [description, roleArn] = [input.text("Description"), input.text("RoleArn")];
    const rule: Rule = {
      name: input.text("Name") ?? "",
      pattern,
      state: RULE_STATES.find((state) => state === input.text("State")) ?? "ENABLED",
      ...(description === undefined ? {} : { description }),
      ...(roleArn === undefined ? {} : { roleArn }),
    };
    const arn = ruleArn(bus, rule.name);
    const isNew = store.rules.get(bus, rule.name) === undefined;
    if (isNew && store.rules.count(bus) >= RULES_PER_BUS) throw limitExceeded();
    store.transaction(() => {
      store.rules.put(bus, rule);
      // Tags that come with a change are passed over.
      if (isNew) addTags(call, arn, tags);
    });
    indexes.changed(bus);
    return { RuleArn: arn };
  },
};

function unserved(schedule: string, bus: string): AwsError {
  if (bus !== DEFAULT_BUS) {
    return new AwsError("ValidationException", "ScheduleExpression is supported only on the default event bus.");
  }
  if (!SCHEDULE.test(schedule)) return new AwsError("ValidationException", "Parameter ScheduleExpression is not valid.");
  return new AwsError(
    "NotImplemented",
    "The embedded account does not have scheduled rules. Configure an upstream for the service to use them.",
    501,
  );
}
