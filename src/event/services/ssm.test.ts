import { expect, test } from "vitest";
import { finishedCall } from "../golden.test-support.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";
import { ssm } from "./ssm.ts";

test.each([
  ["PutParameter", [{ type: "AWS::SSM::Parameter", name: "n" }]],
  ["CreateDocument", [{ type: "AWS::SSM::Document", name: "n" }]],
  ["CreateAssociation", [{ type: "AWS::SSM::Document", name: "n" }]],
  ["CreatePatchBaseline", []],
])("what %s names is looked up as what it is", (operation, expected) => {
  const call = finishedCall(jsonExchange("ssm", operation, { Name: "n" }));
  expect(ssm.lookupResources?.(call, { requestParameters: { name: "n" }, responseElements: null })).toEqual(expected);
});
