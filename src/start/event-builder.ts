import { randomUUID } from "node:crypto";
import { createEventBuilder, type EventBuilder } from "../event/build-event.ts";
import { createServiceRules } from "../event/services/all.ts";
import { DynamodbTables } from "../event/services/dynamodb-tables.ts";
import type { Config } from "./config.ts";

/**
 * The builder of records, with what it must remember: which attributes are a DynamoDB table's key is not said by the calls
 * that write items, but by those that create and describe the table.
 */
export function openEventBuilder(config: Pick<Config, "events">, tables = new DynamodbTables()): EventBuilder {
  const builder = createEventBuilder({ ...config.events, rules: createServiceRules({ tables }), newId: randomUUID });
  return {
    build(call, draft, notes) {
      tables.learn(call);
      return builder.build(call, draft, notes);
    },
  };
}
