import { expect, test } from "vitest";
import { finishedCall } from "../golden.test-support.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";
import { route53 } from "./route-53.ts";

test("changes of zones carry AWS's warning, and nothing else does", () => {
  const call = finishedCall(jsonExchange("sfn", "ListActivities", {}));
  const data = (operationName: string) => route53.additionalEventData?.({ ...call, operationName });
  expect(data("ChangeResourceRecordSets")).toEqual({ Note: "Do not use to reconstruct hosted zone" });
  expect(data("CreateHostedZone")).toEqual({ Note: "Do not use to reconstruct hosted zone" });
  expect(data("DeleteHostedZone")).toBeUndefined();
});
