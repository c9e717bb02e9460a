import { expect, test } from "vitest";
import { DeliveryError } from "./delivery-error.ts";
import { targetInput } from "./target-input.ts";

function made(template: string, detail: string): string {
  const InputTransformer = { InputPathsMap: { part: "$.detail" }, InputTemplate: template };
  return targetInput({
    event: JSON.stringify({ detail }),
    receivedAt: 0,
    place: { accountId: "123456789012", region: "us-east-1" },
    ruleName: "r",
    ruleArn: "arn",
    target: { Id: "t", Arn: "a", InputTransformer },
    attempts: 0,
  });
}

test("a template that names a large part thousands of times makes no more than a target takes", () => {
  const large = "x".repeat(200_000);
  expect(made("<part> <part>", large)).toHaveLength(400_005);
  const started = performance.now();
  for (const template of ["<part>".repeat(1300), `"${"<part>".repeat(1300)}"`])
    expect(() => made(template, large)).toThrow(DeliveryError);
  expect(performance.now() - started).toBeLessThan(5000);
});
