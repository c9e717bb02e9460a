import { createRequire } from "node:module";
import type { Protocol } from "../../src/aws/protocol.ts";
import type { OperationSchema, ServiceModel, StructureSchema } from "./service-model.ts";

const require = createRequire(import.meta.url);

/** The names by which the SDK's protocol classes know themselves. */
const protocols: Readonly<Record<string, Protocol>> = {
  "aws.protocols#awsJson1_0": "awsJson1_0",
  "aws.protocols#awsJson1_1": "awsJson1_1",
  "aws.protocols#awsQuery": "awsQuery",
  "aws.protocols#ec2Query": "ec2Query",
  "aws.protocols#restJson1": "restJson1",
  "aws.protocols#restXml": "restXml",
  "smithy.protocols#rpcv2Cbor": "rpcv2Cbor",
};

/** The parts of a constructed client's `config` that say how its service is spoken to. */
interface ClientConfig {
  readonly serviceId: string;
  readonly defaultSigningName: string;
  readonly protocol: { getShapeId(): string };
  readonly protocolSettings: { readonly version: string; readonly serviceTarget: string; readonly xmlNamespace?: string };
  endpointProvider(parameters: Readonly<Record<string, unknown>>): { readonly url: URL };
}
type ClientClass = new (config: object) => { readonly config: ClientConfig };

/** Reads the model out of an installed client; throws if this version of the SDK keeps it otherwise. */
export function readClient(id: string): ServiceModel {
  const exported = Object.entries(require(`@aws-sdk/client-${id}`) as Record<string, unknown>);
  const isClient = ([name, value]: [string, unknown]) =>
    name !== "__Client" && name.endsWith("Client") && typeof value === "function";
  const classes = exported.filter(isClient);
  const [found] = classes;
  if (found === undefined || classes.length !== 1) throw new Error(`${id}: expected one client class, found ${classes.length}`);
  // An access key, because a constructor without one would look for credentials.
  const credentials = { accessKeyId: "none", secretAccessKey: "none" };
  const { config } = new (found[1] as ClientClass)({ region: "us-west-2", credentials });
  const schemas = exported.flatMap(([name, value]) => (name.endsWith("$") && Array.isArray(value) ? [value] : []));
  const shapeId = config.protocol.getShapeId();
  const protocol = protocols[shapeId];
  if (protocol === undefined) throw new Error(`${id}: unknown protocol ${shapeId}`);
  return {
    sdkId: config.serviceId,
    signingName: config.defaultSigningName,
    endpointPrefix: endpointPrefix(id, config),
    version: config.protocolSettings.version,
    protocol,
    shapeName: config.protocolSettings.serviceTarget,
    xmlNamespace: config.protocolSettings.xmlNamespace,
    operations: schemas.filter((schema) => schema[0] === 9) as unknown as OperationSchema[],
    errors: schemas.filter((schema) => schema[0] === -3) as unknown as StructureSchema[],
  };
}

/** The host name without region and domain. Global services answer with their only region or with none. */
function endpointPrefix(id: string, config: ClientConfig): string {
  const parameters = { Region: "us-west-2", UseFIPS: false, UseDualStack: false, RequiresAccountId: false };
  const { hostname } = config.endpointProvider(parameters).url;
  const prefix = /^(.+?)(?:\.us-(?:west-2|east-1))?\.(?:amazonaws\.com|api\.aws)$/.exec(hostname)?.[1];
  if (prefix === undefined) throw new Error(`${id}: no endpoint prefix in ${hostname}`);
  return prefix;
}
