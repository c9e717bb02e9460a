/**
 * The gateway in the steps of which its work is made, each as a process of its own: `node bench/gateway/steps.ts STEP
 * UPSTREAM`, where STEP is `forwarding` (HTTP in and out, nothing of ours), `mapping` (routed, nothing captured) or `record`
 * (the record is built, and thrown away).
 */
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { Registry } from "prom-client";
import { loadCatalogue } from "../../src/aws/catalogue/catalogue.ts";
import { systemClock } from "../../src/base/clock.ts";
import { createLogger } from "../../src/base/logger.ts";
import { createGateway } from "../../src/capture/gateway/gateway.ts";
import { createGatewayMetrics } from "../../src/capture/gateway/gateway-metrics.ts";
import { createHttpUpstream } from "../../src/capture/gateway/http-upstream.ts";
import type { Admission, Recorder } from "../../src/capture/recorder.ts";
import { createEventBuilder } from "../../src/event/build-event.ts";
import { createServiceRules } from "../../src/event/services/all.ts";
import { DynamodbTables } from "../../src/event/services/dynamodb-tables.ts";
import { Agent, request as send } from "node:http";

const [step, upstream = ""] = process.argv.slice(2);

if (step === "forwarding") {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const { hostname, port } = new URL(upstream);
  const server = createServer((message, response) => {
    const onward = send(
      { agent, hostname, port, method: message.method, path: message.url, headers: message.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    message.pipe(onward);
  });
  server.listen(0, "127.0.0.1", () => {
    console.log(`ready at http://127.0.0.1:${(server.address() as { port: number }).port}`);
  });
} else {
  const builder = createEventBuilder({
    rules: createServiceRules({ tables: new DynamodbTables() }),
    newId: randomUUID,
    showSessionTokens: false,
    omittedMarker: false,
  });
  const admission: Admission = {
    record: async (call) => builder.build(call).length > 0,
    withdraw: async () => {},
    abandon: async () => {},
  };
  const recorder: Recorder = {
    wants: () => step === "record",
    intends: () => false,
    admit: async () => admission,
    waive: () => admission,
    missed: () => {},
  };
  const endpoint = createHttpUpstream({ url: upstream });
  const gateway = createGateway({
    listen: { host: "127.0.0.1", port: 0 },
    catalogue: loadCatalogue(),
    defaultRegion: "us-east-1",
    s3HostSuffixes: ["localhost"],
    endpointFor: () => endpoint,
    identities: {
      resolve: () => ({ accountId: "111122223333", caller: { kind: "root", accountId: "111122223333" } }),
      learn: () => {},
      close: async () => {},
    },
    recorder,
    ownPaths: (_message, response) => response.end(),
    logger: createLogger("warn"),
    clock: systemClock,
    metrics: createGatewayMetrics(new Registry()),
  });
  await gateway.listen();
  console.log(`ready at ${gateway.address}`);
}
