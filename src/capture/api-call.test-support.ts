import { randomUUID } from "node:crypto";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import type { PlainCall } from "../event/api-call.ts";

/** A call that was answered well, with nothing in it but what is given. */
export function apiCall(serviceId: string, operationName: string, request: Partial<PlainCall["request"]> = {}): PlainCall {
  const service = loadCatalogue().service(serviceId);
  return {
    eventId: randomUUID(),
    requestId: "R",
    startedAt: 1_772_442_300_000,
    completedAt: 1_772_442_300_010,
    operation: service?.operation(operationName),
    serviceId,
    signingName: service?.signingName ?? serviceId,
    operationName,
    region: "us-east-1",
    accountId: "111122223333",
    caller: { kind: "anonymous" },
    sourceIp: "127.0.0.1",
    userAgent: undefined,
    signature: { version: "SigV4", method: "header" },
    tls: undefined,
    request: {
      method: "POST",
      path: "/",
      query: [],
      headers: new Map(),
      host: "x",
      body: undefined,
      bodyTruncated: false,
      bodyBytes: 0,
      ...request,
    },
    response: {
      status: 200,
      headers: new Map(),
      body: undefined,
      bodyTruncated: false,
      bodyBytes: 0,
      startedAt: 1_772_442_300_005,
    },
    input: undefined,
    output: undefined,
    error: undefined,
  };
}
