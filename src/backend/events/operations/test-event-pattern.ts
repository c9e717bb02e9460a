import { AwsError } from "../../../aws/aws-error.ts";
import { checkPattern, MAX_PATTERN } from "../check-pattern.ts";
import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { eventFields, WantedFields } from "../pattern/event-fields.ts";
import { matchesEvent } from "../pattern/matches-event.ts";
import { parseEvent } from "../pattern/parse-event.ts";

export const testEventPattern: NamedEventsOperation = {
  name: "TestEventPattern",
  handle({ input }) {
    const [text, eventText] = [input.text("EventPattern"), input.text("Event")];
    new Constraints()
      .required("eventPattern", text)
      .text("eventPattern", text, { max: MAX_PATTERN })
      .required("event", eventText)
      .check();
    const pattern = checkPattern(text ?? "");
    const event = parseEvent(eventText ?? "");
    if (event === undefined) throw new AwsError("ValidationException", "Parameter Event is not valid.");
    return { Result: matchesEvent(pattern, eventFields(event, new WantedFields([pattern]))) };
  },
};
