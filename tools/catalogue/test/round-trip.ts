import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { loadCatalogue } from "../../../src/aws/catalogue/catalogue.ts";
import type { Operation, Service } from "../../../src/aws/catalogue/model.ts";
import { decodeRequest } from "../../../src/aws/codec/decode-request.ts";
import { decodeResponse } from "../../../src/aws/codec/decode-response.ts";
import { CapturingHandler, type SdkRequest, toWireMessage } from "../../../src/aws/codec/sdk-wire.contract.ts";
import { differenceOf, type Fullness, ShapeValues } from "../../../src/aws/codec/shape-value.contract.ts";
import type { Protocol } from "../../../src/aws/protocol.ts";
import type { TreeObject } from "../../../src/aws/tree.ts";
import type { Routed, Router } from "../../../src/capture/gateway/routing/routed.ts";
import { createRouter } from "../../../src/capture/gateway/routing/router.ts";
import { readRequestHead } from "../../../src/capture/gateway/routing/request-head.ts";
import { withFixedMembers, withRequiredPayload } from "./fixed-members.ts";
import { knownDifferences } from "./known-differences.ts";
import { sdkAnswer, type SdkConfig, type SdkOperation } from "./sdk-answer.ts";

/*
 * Sends generated inputs of every operation of the catalogue through the SDK client's own serializer, in every protocol
 * that the service speaks, and has them routed and decoded again; then the same with outputs, which the serializers write
 * as well.
 *
 *   node tools/catalogue/test/round-trip.ts [--service ID] [--operation NAME] [--rounds 3] [--verbose]
 *
 * Exits with 1 if an operation is not recognised or an input comes back changed and `known-differences.ts` does not say why.
 */

interface SdkClient {
  readonly config: SdkConfig;
  readonly middlewareStack: { remove(name: string): boolean };
  send(command: object): Promise<unknown>;
  destroy(): void;
}

const require = createRequire(import.meta.url);
const { values: options } = parseArgs({
  options: {
    service: { type: "string" },
    operation: { type: "string" },
    rounds: { type: "string", default: "3" },
    verbose: { type: "boolean", default: false },
  },
});
const protocolClasses = require("@aws-sdk/core/protocols") as Record<string, unknown>;
const protocolClassOf: Readonly<Record<Protocol, string>> = {
  awsJson1_0: "AwsJson1_0Protocol",
  awsJson1_1: "AwsJson1_1Protocol",
  awsQuery: "AwsQueryProtocol",
  ec2Query: "AwsEc2QueryProtocol",
  restJson1: "AwsRestJsonProtocol",
  restXml: "AwsRestXmlProtocol",
  rpcv2Cbor: "AwsSmithyRpcV2CborProtocol",
};

const rounds: Fullness[] = ["minimal", "maximal", ...Array<Fullness>(Number(options.rounds)).fill("random")];
const catalogue = loadCatalogue();
const router: Router = createRouter(catalogue, { s3HostSuffixes: [], defaultRegion: "us-east-1" });
const tally = { operations: 0, sent: 0, recognised: 0, decoded: 0, inputs: 0, withOutput: 0, answers: 0, outputs: 0 };
const failures: string[] = [];
const excused: string[] = [];

for (const service of catalogue.services) {
  if (options.service === undefined || options.service === service.id) await roundTripService(service);
}
for (const failure of failures) console.log(failure);
console.log(`operations sent: ${tally.sent} of ${tally.operations} (an operation counts once for each protocol)`);
console.log(`operations recognised: ${tally.recognised} of ${tally.sent}`);
console.log(`operations decoded: ${tally.decoded} of ${tally.sent} (${tally.inputs} inputs)`);
console.log(`answers decoded: ${tally.answers} of ${tally.withOutput} (${tally.outputs} outputs)`);
console.log(`missing from these for known reasons: ${excused.length} (${excused.join(", ")})`);
console.log(`failures: ${failures.length}`);
process.exitCode = failures.length > 0 ? 1 : 0;

async function roundTripService(service: Service): Promise<void> {
  let client: Record<string, unknown>;
  try {
    client = require(`@aws-sdk/client-${service.id}`) as Record<string, unknown>;
  } catch {
    console.log(`${service.id}: no client, left out`);
    return;
  }
  for (const protocol of service.protocols) {
    const handler = new CapturingHandler();
    const sdk = makeClient(client, service, protocol, handler);
    for (const name of service.operationNames) {
      const operation = service.operation(name);
      const Command = client[`${name}Command`] as (new (input: TreeObject) => object) | undefined;
      if (operation === undefined || (options.operation !== undefined && options.operation !== name)) continue;
      tally.operations += 1;
      if (Command === undefined) fail(service, protocol, name, "the client has no such command");
      else await roundTripOperation(operation, protocol, handler, (input) => sdk.send(new Command(input)));
      await roundTripAnswer(operation, protocol, client[`${name}$`] as SdkOperation, sdk.config);
    }
    sdk.destroy();
  }
}

function makeClient(client: Record<string, unknown>, service: Service, protocol: Protocol, requestHandler: object): SdkClient {
  const [, Client] = Object.entries(client).find(([name]) => name.endsWith("Client") && name !== "__Client") ?? [];
  const ProtocolClass = protocolClasses[protocolClassOf[protocol]];
  const config = {
    region: "us-east-1",
    endpoint: "http://localhost:4580",
    credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "none", accountId: "111122223333" },
    token: { token: "none" },
    maxAttempts: 1,
    requestHandler,
    forcePathStyle: true,
    useAccountIdEndpoint: false,
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    // The SDK's choice keeps its own settings (a few clients bring codecs of their own).
    ...(protocol === service.protocols[0] ? {} : { protocol: ProtocolClass }),
  };
  const sdk = new (Client as new (config: object) => SdkClient)(config);
  // Clients of a few services would first ask for an endpoint.
  sdk.middlewareStack.remove("endpointDiscoveryMiddleware");
  return sdk;
}

async function roundTripOperation(
  operation: Operation,
  protocol: Protocol,
  handler: CapturingHandler,
  send: (input: TreeObject) => Promise<unknown>,
): Promise<void> {
  const problems = new Map<string, string>();
  for (const [round, fullness] of rounds.entries()) {
    const input = inputOf(operation, fullness, round);
    let request: SdkRequest;
    try {
      request = await handler.capture(() => send(input));
    } catch (error) {
      note(problems, "sent", `${String(error).slice(0, 200)} [${fullness}]`);
      continue;
    }
    tally.inputs += 1;
    if (options.verbose) console.log(fullness, input, request);
    const routed = route(request);
    const recognised = routed.operation === operation && routed.protocol === protocol;
    if (!recognised) note(problems, "recognised", `taken for ${routed.serviceId} ${routed.operationName} in ${routed.protocol}`);
    const changed = decode(operation, protocol, request, input);
    if (changed !== undefined) note(problems, "decoded", `${changed} [${fullness}]`);
    const relabelled = recognised ? decode(operation, protocol, request, input, routed.labels) : undefined;
    if (relabelled !== changed) note(problems, "recognised", `its labels make it ${relabelled} [${fullness}]`);
  }
  if (!problems.has("sent")) tally.sent += 1;
  if (!problems.has("sent") && !problems.has("recognised")) tally.recognised += 1;
  if (!problems.has("sent") && !problems.has("decoded")) tally.decoded += 1;
  report(operation, protocol, problems);
}

async function roundTripAnswer(operation: Operation, protocol: Protocol, schema: SdkOperation, config: SdkConfig): Promise<void> {
  const { output: shape } = operation;
  if (shape === undefined) return;
  tally.withOutput += 1;
  const problems = new Map<string, string>();
  for (const [round, fullness] of rounds.entries()) {
    const output = { ...withRequiredPayload(operation, shape, new ShapeValues(fullness, round).structure(shape)) };
    const status = shape.members.values().find(({ traits }) => traits.httpResponseCode === true);
    if (status !== undefined) delete output[status.name];
    // Shapes that serve both ways keep their query names, and a writer of requests heeds them.
    for (const { name, traits } of shape.members.values()) if (traits.httpQuery !== undefined) delete output[name];
    try {
      const answer = await sdkAnswer(operation, protocol, schema, config, output);
      if (options.verbose) console.log(output, answer, Buffer.from(answer.body ?? []).toString());
      const decoded = decodeResponse(operation, protocol, answer);
      if (status !== undefined) output[status.name] = 200;
      const changed = differenceOf(shape, output, decoded);
      if (changed !== undefined) note(problems, "answered", `${changed} [${fullness}]`);
    } catch (error) {
      note(problems, "answered", `${String(error).slice(0, 200)} [${fullness}]`);
    }
    tally.outputs += 1;
  }
  if (problems.size === 0) tally.answers += 1;
  report(operation, protocol, problems);
}

/** Keeps problems for the end, those that are known differences apart. */
function report({ service, name }: Operation, protocol: Protocol, problems: Map<string, string>): void {
  for (const [stage, problem] of problems) {
    if (knownDifferences.some((known) => known.matches.test(`${service.id} ${protocol} ${name} ${stage}: ${problem}`))) {
      excused.push(`${service.id} ${protocol} ${name} ${stage}`);
    } else fail(service, protocol, name, `${stage}: ${problem}`);
  }
}

function inputOf(operation: Operation, fullness: Fullness, round: number): TreeObject {
  if (operation.input === undefined) return {};
  let seed = round;
  for (const character of operation.name) seed = (Math.imul(seed, 31) + character.charCodeAt(0)) | 0;
  const values = new ShapeValues(fullness, seed);
  const input = values.structure(operation.input, operation.http?.uri);
  return withFixedMembers(operation, input);
}

function decode(
  operation: Operation,
  protocol: Protocol,
  request: SdkRequest,
  input: TreeObject,
  labels?: Routed["labels"],
): string | undefined {
  try {
    const decoded = decodeRequest(operation, protocol, toWireMessage(request), labels);
    return operation.input === undefined ? undefined : differenceOf(operation.input, input, decoded);
  } catch (error) {
    return String(error);
  }
}

function route(request: SdkRequest): Routed {
  const wire = toWireMessage(request);
  const query = wire.query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
  const target = query === "" ? wire.path : `${wire.path}?${query}`;
  const head = readRequestHead(wire.method, target, [...wire.headers].flat());
  const first = router.route(head);
  return first.awaits === "form" ? router.routeBody(head, first, wire.body ?? new Uint8Array()) : first;
}

function note(problems: Map<string, string>, stage: string, problem: string): void {
  if (!problems.has(stage)) problems.set(stage, problem);
}

function fail(service: Service, protocol: Protocol, name: string, problem: string): void {
  failures.push(`${service.id} ${protocol} ${name}: ${problem}`);
}
