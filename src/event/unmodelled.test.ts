import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alice, finishedCall, type WireFixture } from "./golden.test-support.ts";
import { unmodelledAnswer, unmodelledParameters } from "./unmodelled.ts";

const base: WireFixture = {
  service: "unheard-of",
  operation: "DoIt",
  protocol: "awsJson1_1",
  host: "h",
  caller: alice,
  requestId: "r",
  eventId: "e",
  completed: "2026-03-02T09:06:00Z",
  userAgent: "a",
  answer: { status: 200 },
};
const parameters = (fixture: Partial<WireFixture>) => unmodelledParameters(finishedCall({ ...base, ...fixture }));

describe("unmodelledParameters", () => {
  it("takes a form's pairs as they are, without routing and signature", () => {
    const fixture = {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "Action=DoIt&Version=1&Name=a&Tag.1.Key=k&Tag.1.Key=l&AWSAccessKeyId=x&Signature=y&User.1.Password=p&Secrets.member.1=q",
    };
    expect(parameters(fixture)).toEqual({ name: "a", "tag.1.Key": ["k", "l"] });
  });

  it("takes the query of a REST call", () => {
    expect(parameters({ method: "GET", target: "/things/1?Max=5&X-Amz-Signature=s&X-Amz-Security-Token=t" })).toEqual({
      max: "5",
    });
  });

  it("leaves out environments, and hides what stands in pairs", () => {
    const body = '{"name":"a","environment":{"DB":"verysecret"},"EnvironmentVariables":[{"name":"x","value":"verysecret"}]}';
    expect(parameters({ body })).toEqual({ name: "a" });
    const form = "Action=DoIt&OptionSettings.member.1.OptionName=PW&OptionSettings.member.1.Value=verysecret";
    expect(parameters({ headers: { "content-type": "application/x-www-form-urlencoded" }, body: form })).toEqual({
      "optionSettings.member.1.OptionName": "PW",
      "optionSettings.member.1.Value": "HIDDEN_DUE_TO_SECURITY_REASONS",
    });
  });

  it("keeps the letters of a service that logs its members as modelled", () => {
    const body = '{"TimePeriod":{"Start":"2026-01-01"}}';
    expect(parameters({ service: "devops-guru", body })).toEqual({ TimePeriod: { Start: "2026-01-01" } });
    expect(parameters({ body })).toEqual({ timePeriod: { start: "2026-01-01" } });
  });

  it("is null when there is nothing to show", () => {
    expect(parameters({})).toBeNull();
    expect(parameters({ body: "not json" })).toBeNull();
    expect(parameters({ body: '["a list"]' })).toBeNull();
    expect(parameters({ body: '{"broken' })).toBeNull();
  });

  it("never throws, whatever the body", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (body) => {
          const call = finishedCall({ ...base, body, answer: { status: 200, body } });
          JSON.stringify([unmodelledParameters(call), unmodelledAnswer(call)]);
        },
      ),
    );
    const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
    expect(JSON.stringify(parameters({ body: deep })).length).toBeLessThan(1000);
  });
});
