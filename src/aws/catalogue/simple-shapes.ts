import { simpleTypes } from "./data-format.ts";
import type { SimpleShape, Traits } from "./model.ts";

const kinds: ReadonlyMap<number, readonly [SimpleShape["kind"], Traits?]> = new Map([
  [simpleTypes.string, ["string"]],
  [simpleTypes.number, ["number"]],
  [simpleTypes.boolean, ["boolean"]],
  [simpleTypes.timestamp, ["timestamp"]],
  [simpleTypes.timestampDateTime, ["timestamp", { timestampFormat: "date-time" }]],
  [simpleTypes.timestampHttpDate, ["timestamp", { timestampFormat: "http-date" }]],
  [simpleTypes.timestampEpochSeconds, ["timestamp", { timestampFormat: "epoch-seconds" }]],
  [simpleTypes.document, ["document"]],
  [simpleTypes.bigInteger, ["bigInteger"]],
  [simpleTypes.bigDecimal, ["bigDecimal"]],
  [simpleTypes.blob, ["blob"]],
  [simpleTypes.streamingBlob, ["blob", { streaming: true }]],
]);

/** The shape of a simple type's code; throws for a code that the data format does not know. */
export function simpleShape(code: number, traits: Traits): SimpleShape {
  const known = kinds.get(code);
  if (known === undefined) throw new Error(`catalogue data is damaged: no simple type has the code ${code}`);
  const [kind, own] = known;
  return { kind, traits: own === undefined ? traits : { ...own, ...traits } };
}
