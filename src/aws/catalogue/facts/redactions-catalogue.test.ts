import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../catalogue.ts";
import type { Operation, Service, Shape } from "../model.ts";
import { type Redaction, redactionsFor } from "./redactions.ts";

const general = new Set(redactionsFor("", ""));

/** Whether a member stands there in the model. */
function leads(shape: Shape | undefined, [segment, ...rest]: readonly string[], seen: readonly Shape[] = []): boolean {
  if (segment === undefined) return true;
  if (shape === undefined) return false;
  if (shape.kind === "list") return leads(shape.member.target, [segment, ...rest], seen);
  if (segment === "**") {
    if (seen.includes(shape) || seen.length > 12) return false;
    if (leads(shape, rest)) return true;
    const below = shape.kind === "structure" ? [...shape.members.values()] : shape.kind === "map" ? [shape.value] : [];
    return below.some((member) => leads(member.target, [segment, ...rest], [...seen, shape]));
  }
  // A map's keys are the caller's: a rule may name one.
  if (shape.kind === "map") return leads(shape.value.target, rest, seen);
  if (shape.kind !== "structure") return false;
  const name = segment.replace(/\[\]$/, "");
  return [...shape.members.values()].some(
    (member) => member.name.slice(0, 1).toLowerCase() + member.name.slice(1) === name && leads(member.target, rest, seen),
  );
}

function findsMember(operation: Operation, rule: Redaction): boolean {
  const path = rule.path.split(".");
  const inRequest = rule.in !== "response" && leads(operation.input, path);
  return inRequest || (rule.in !== "request" && leads(operation.output, path));
}

function idleRules(service: Service): string[] {
  const operations = service.operationNames.map((name) => service.operation(name)).filter((operation) => operation !== undefined);
  const rules = new Map<Redaction, boolean>();
  for (const operation of operations) {
    for (const rule of redactionsFor(service.id, operation.name)) {
      if (general.has(rule)) continue;
      if (rules.get(rule) !== true) rules.set(rule, findsMember(operation, rule));
    }
  }
  return [...rules].filter(([, found]) => !found).map(([rule]) => `${rule.in} ${rule.path}`);
}

describe("every rule finds a member in its service's model", () => {
  test.each(loadCatalogue().services.map((service) => [service.id, service] as const))("%s", (_, service) => {
    expect(idleRules(service)).toEqual([]);
  });
});
