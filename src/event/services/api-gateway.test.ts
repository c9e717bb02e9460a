import { expect, test } from "vitest";
import { finishedCall, recordsOf } from "../golden.test-support.ts";
import { apiGateway } from "./api-gateway.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";

test("CreateStage wraps its body", () => {
  const exchange = jsonExchange("api-gateway", "CreateStage", { stageName: "prod", deploymentId: "d1" }, { stageName: "prod" });
  const [record] = recordsOf({ ...exchange, target: "/restapis/abc/stages" });
  expect(record?.requestParameters).toEqual({
    createStageInput: { stageName: "prod", deploymentId: "d1" },
    restApiId: "abc",
    template: false,
  });
});

test("a patch is wrapped with its operations", () => {
  const patchOperations = [{ op: "replace", path: "/description", value: "x" }];
  const exchange = jsonExchange("api-gateway", "UpdateStage", { patchOperations });
  const [record] = recordsOf({ ...exchange, method: "PATCH", target: "/restapis/abc/stages/prod" });
  expect(record?.requestParameters).toEqual({
    updateStageInput: { patchOperations },
    restApiId: "abc",
    stageName: "prod",
    template: false,
  });
});

test("a read has no body to wrap", () => {
  const exchange = jsonExchange("api-gateway", "GetRestApi", null);
  const { body: _, ...withoutBody } = exchange;
  const [record] = recordsOf({ ...withoutBody, method: "GET", target: "/restapis/abc" });
  expect(record?.requestParameters).toEqual({ restApiId: "abc", template: false });
});

test("the value of an API key is hidden", () => {
  const exchange = jsonExchange(
    "api-gateway",
    "CreateApiKey",
    { name: "k", value: "verysecret" },
    { id: "1", value: "verysecret" },
  );
  const [record] = recordsOf({ ...exchange, target: "/apikeys" });
  expect(record?.responseElements).toMatchObject({ id: "1", value: "HIDDEN_DUE_TO_SECURITY_REASONS" });
  expect(JSON.stringify(record)).not.toContain("verysecret");
});

test.each([
  ["CreateRestApi", { template: false }, ["a1"]],
  ["CreateApiKey", { template: false }, []],
  ["CreateDeployment", { restApiId: "abc", template: false }, ["abc"]],
])("%s is looked up by its API alone", (operation, requestParameters, expected) => {
  const call = finishedCall(jsonExchange("api-gateway", operation, {}, { id: "a1" }));
  const found = apiGateway.lookupResources?.(call, { requestParameters, responseElements: { id: "a1" } });
  expect(found?.map(({ name }) => name)).toEqual(expected);
});
