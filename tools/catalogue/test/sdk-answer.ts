import { createRequire } from "node:module";
import type { Operation } from "../../../src/aws/catalogue/model.ts";
import { type SdkRequest, toWireMessage } from "../../../src/aws/codec/sdk-wire.contract.ts";
import type { WireAnswer } from "../../../src/aws/codec/wire-message.ts";
import type { Protocol } from "../../../src/aws/protocol.ts";
import type { TreeObject } from "../../../src/aws/tree.ts";

const require = createRequire(import.meta.url);
const { operation: operationSchema } = require("@smithy/core/schema") as {
  operation(namespace: string, name: string, traits: object, input: unknown, output: unknown): object;
};
const { XmlShapeSerializer } = require("@aws-sdk/core/protocols") as {
  XmlShapeSerializer: new (settings: object) => XmlSerializer;
};

interface XmlSerializer {
  setSerdeContext(context: object): void;
  write(schema: unknown, value: unknown): void;
  flush(): string;
}

/** The parts of a constructed client that know how to write. */
export interface SdkConfig {
  readonly protocol: { serializeRequest(schema: object, input: unknown, context: object): Promise<SdkRequest> };
}

/** `[9, namespace, name, traits, input, output]` */
export type SdkOperation = readonly [9, string, string, unknown, unknown, () => unknown];

/**
 * The answer that a service would give, written by the SDK's serializers for requests: those of the same protocol, as if
 * the output were an input; for the query protocols the one for XML, in the element that they put around it.
 */
export async function sdkAnswer(
  operation: Operation,
  protocol: Protocol,
  [, namespace, name, , , output]: SdkOperation,
  config: SdkConfig,
  value: TreeObject,
): Promise<WireAnswer> {
  if (protocol === "awsQuery" || protocol === "ec2Query") {
    const xmlNamespace = operation.service.xmlNamespace ?? "";
    const serializer = new XmlShapeSerializer({ timestampFormat: { useTrait: true, default: 5 }, xmlNamespace });
    serializer.setSerdeContext(config);
    serializer.write(output(), value);
    const inner = serializer
      .flush()
      .replace(/^<[^\s>/]+/, "<Root")
      .replace(/<\/[^<>]+>$/, "</Root>");
    const root = protocol === "ec2Query" ? `${name}Response` : `${name}Result`;
    const named = inner.replace(/^<Root/, `<${root}`).replace(/<\/Root>$/, `</${root}>`);
    const metadata = "<ResponseMetadata><RequestId>4c1b</RequestId></ResponseMetadata>";
    const document = protocol === "ec2Query" ? named : `<${name}Response>${named}${metadata}</${name}Response>`;
    return { status: 200, headers: new Map([["content-type", "text/xml"]]), body: new TextEncoder().encode(document) };
  }
  const schema = operationSchema(namespace, name, { http: ["POST", "/", 200] }, output, () => "unit");
  const endpoint = (): Promise<object> => Promise.resolve({ protocol: "http:", hostname: "localhost", path: "/" });
  const request = await config.protocol.serializeRequest(schema, value, { ...config, endpoint });
  const { headers, body } = toWireMessage(request);
  return { status: 200, headers, body };
}
