import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import { AwsError } from "../../../aws/aws-error.ts";
import type { Endpoint } from "../../../aws/endpoint.ts";
import type { Place } from "../../places.ts";
import type { LogSink } from "../log-sink.ts";

/** CloudWatch Logs' own endpoint as the place where events go, by the operations that any client has. */
export function logEndpointSink(endpoint: Endpoint): LogSink {
  const call = async (place: Place, operationName: string, input: object): Promise<AwsError | undefined> => {
    const { status, body } = await endpoint.send({
      method: "POST",
      target: "/",
      headers: ["Content-Type", "application/x-amz-json-1.1", "X-Amz-Target", `Logs_20140328.${operationName}`],
      body: Buffer.from(JSON.stringify(input)),
      signal: new AbortController().signal,
      context: {
        ...place,
        operation: undefined,
        serviceId: "cloudwatch-logs",
        operationName,
        protocol: "awsJson1_1",
        accessKeyId: undefined,
        callerArn: undefined,
        servicePrincipal: "events.amazonaws.com",
        requestId: "",
      },
    });
    if (status < 300) return undefined;
    const answer = body instanceof Readable ? await text(body) : Buffer.from(body ?? []).toString("utf8");
    return errorOf(answer, status);
  };
  return {
    async put(place, logGroupName, logStreamName, events) {
      const input = { logGroupName, logStreamName, logEvents: events };
      const error = await call(place, "PutLogEvents", input);
      if (error === undefined) return;
      if (error.code !== "ResourceNotFoundException") throw error;
      const refusal = await call(place, "CreateLogStream", { logGroupName, logStreamName });
      if (refusal !== undefined && refusal.code !== "ResourceAlreadyExistsException") throw refusal;
      const last = await call(place, "PutLogEvents", input);
      if (last !== undefined) throw last;
    },
  };
}

function errorOf(answer: string, status: number): AwsError {
  const { __type: type = "", message = "" } = JSON.parse(answer) as { readonly __type?: string; readonly message?: string };
  return new AwsError(type.slice(type.lastIndexOf("#") + 1), message, status);
}
