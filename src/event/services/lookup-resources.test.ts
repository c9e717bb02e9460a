import { describe, expect, test } from "vitest";
import { lookupMembers, lookupServices } from "../../aws/catalogue/facts/lookup-members.ts";
import { loadCatalogue } from "../../aws/catalogue/catalogue.ts";
import type { Shape } from "../../aws/catalogue/model.ts";
import type { JsonObject } from "../../aws/tree.ts";
import { finishedCall } from "../golden.test-support.ts";
import { lowerFirst } from "../project-tree.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";
import { lookupResources } from "./lookup-resources.ts";

function lookup(
  serviceId: string,
  operationName: string,
  requestParameters: JsonObject,
  responseElements: JsonObject | null = null,
  failed = false,
) {
  const call = finishedCall(jsonExchange("sfn", "ListActivities", {}));
  const error = failed ? { code: "ValidationException", message: undefined, status: 400 } : undefined;
  return lookupResources(
    { ...call, operation: undefined, serviceId, operationName, error },
    { requestParameters, responseElements },
  );
}

describe("by service", () => {
  test.each<[string, string, JsonObject, JsonObject | null, [string, string][]]>([
    ["rds", "DeleteDBInstance", { dBInstanceIdentifier: "db" }, { dBInstanceIdentifier: "db" }, [["AWS::RDS::DBInstance", "db"]]],
    [
      "cloudformation",
      "CreateStack",
      { stackName: "s" },
      { stackId: "arn:s" },
      [
        ["AWS::CloudFormation::Stack", "s"],
        ["AWS::CloudFormation::Stack", "arn:s"],
      ],
    ],
    [
      "cloudtrail",
      "CreateTrail",
      { name: "t", s3BucketName: "b" },
      null,
      [
        ["AWS::CloudTrail::Trail", "t"],
        ["AWS::S3::Bucket", "b"],
      ],
    ],
    ["lambda", "DeleteFunction", { functionName: "f" }, null, [["AWS::Lambda::Function", "f"]]],
    [
      "auto-scaling",
      "UpdateAutoScalingGroup",
      { autoScalingGroupName: "g" },
      null,
      [["AWS::AutoScaling::AutoScalingGroup", "g"]],
    ],
    [
      "elastic-load-balancing-v2",
      "CreateLoadBalancer",
      { name: "l" },
      { loadBalancers: [{ loadBalancerArn: "arn:l" }] },
      [
        ["AWS::ElasticLoadBalancingV2::LoadBalancer", "l"],
        ["AWS::ElasticLoadBalancingV2::LoadBalancer", "arn:l"],
      ],
    ],
    [
      "ssm",
      "DeleteParameters",
      { names: ["a", "b"] },
      null,
      [
        ["AWS::SSM::Parameter", "a"],
        ["AWS::SSM::Parameter", "b"],
      ],
    ],
  ])("%s %s", (serviceId, operation, request, response, expected) => {
    expect(lookup(serviceId, operation, request, response)).toEqual(expected.map(([type, name]) => ({ type, name })));
  });
});

test("hidden names, reads and failed creations name nothing", () => {
  expect(lookup("rds", "DeleteDBInstance", { dBInstanceIdentifier: "HIDDEN_DUE_TO_SECURITY_REASONS" })).toEqual([]);
  expect(lookup("rds", "DescribeDBInstances", { dBInstanceIdentifier: "db" })).toEqual([]);
  expect(lookup("rds", "CreateDBInstance", { dBInstanceIdentifier: "db" }, null, true)).toEqual([]);
  expect(lookup("rds", "DeleteDBInstance", { dBInstanceIdentifier: "db" }, null, true)).toHaveLength(1);
});

test("there is an end to them", () => {
  const names = Array.from({ length: 500 }, (_, index) => `p${index}`);
  expect(lookup("ssm", "DeleteParameters", { names }).length).toBe(50);
  const long = Array.from({ length: 40 }, (_, index) => `${index}${"x".repeat(2000)}`);
  expect(lookup("ssm", "DeleteParameters", { names: long }).length).toBeLessThan(10);
});

describe("every path leads to a text in its service's model", () => {
  const catalogue = loadCatalogue();
  /** Names that the services' rules give to members of the model. */
  const reshaped = new Set(["secrets-manager arn", "api-gateway createStageInput.stageName"]);
  const known = lookupServices.filter((serviceId) => catalogue.service(serviceId) !== undefined);

  function leads(shape: Shape | undefined, [name, ...rest]: readonly string[]): boolean {
    if (name === undefined) return shape?.kind === "string";
    if (shape?.kind !== "structure") return false;
    const plain = name.replace(/\[\]$/, "");
    return [...shape.members.values()].some((member) => {
      if (lowerFirst(member.name) !== plain) return false;
      if (plain === name) return leads(member.target, rest);
      return member.target.kind === "list" && leads(member.target.member.target, rest);
    });
  }

  test.each(known)("%s", (serviceId) => {
    const service = catalogue.service(serviceId);
    const operations = service?.operationNames.map((name) => service.operation(name)) ?? [];
    const idle = lookupMembers(serviceId).filter(
      ({ in: side, path }) =>
        !operations.some(
          (operation) =>
            (side !== "response" && leads(operation?.input, path)) || (side !== "request" && leads(operation?.output, path)),
        ),
    );
    expect(idle.map(({ path }) => path.join(".")).filter((path) => !reshaped.has(`${serviceId} ${path}`))).toEqual([]);
  });
});
