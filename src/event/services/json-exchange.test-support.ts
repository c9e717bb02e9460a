import { loadCatalogue } from "../../aws/catalogue/catalogue.ts";
import type { Json } from "../../aws/tree.ts";
import { deployer, type WireFixture } from "../golden.test-support.ts";

/** An exchange with a service that speaks JSON, or REST with a JSON body. */
export function jsonExchange(
  service: string,
  operation: string,
  body: Json,
  answer: Json = {},
  parts: Partial<WireFixture> = {},
): WireFixture {
  const found = loadCatalogue().service(service);
  const protocol = found?.protocols.find((each) => each.startsWith("awsJson") || each === "restJson1");
  if (found === undefined || protocol === undefined) throw new Error(`${service} speaks no JSON`);
  return {
    service,
    operation,
    protocol,
    host: `${found.endpointPrefix}.us-east-1.amazonaws.com`,
    headers: { "content-type": "application/json", "x-amz-target": `${found.targetPrefix}.${operation}` },
    body: JSON.stringify(body),
    caller: deployer,
    requestId: "aaaaaaaa-0000-4000-8000-000000000001",
    eventId: "eeeeeeee-0000-4000-8000-000000000001",
    completed: "2026-03-02T09:15:00Z",
    userAgent: "agent",
    answer: { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) },
    ...parts,
  };
}
