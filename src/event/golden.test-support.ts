import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import { decodeError } from "../aws/codec/decode-error.ts";
import { decodeRequest } from "../aws/codec/decode-request.ts";
import { decodeResponse } from "../aws/codec/decode-response.ts";
import type { Protocol } from "../aws/protocol.ts";
import type { PlainCall } from "./api-call.ts";
import { type EventBuilderOptions, createEventBuilder } from "./build-event.ts";
import type { Caller } from "./caller.ts";
import type { CloudTrailRecord } from "./record.ts";

/** What a client sends and a service answers, as text. Used by tests alone. */
export interface WireFixture {
  /** Catalogue id and operation. */
  readonly service: string;
  readonly operation: string;
  readonly protocol: Protocol;
  /** Signing name where it is not the catalogue's. */
  readonly signingName?: string;
  readonly region?: string;
  readonly host: string;
  readonly method?: string;
  /** Path and query as sent. */
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Octets on the wire where they are not the body's (chunk framing, bodies that are not captured). */
  readonly bodyBytes?: number;
  readonly s3?: { readonly bucket: string | undefined; readonly key: string | undefined };
  readonly caller: Caller;
  readonly requestId: string;
  readonly eventId: string;
  /** ISO time of completion; the request began `duration` milliseconds before (default 0). */
  readonly completed: string;
  readonly duration?: number;
  readonly userAgent: string;
  readonly answer: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array;
    readonly bodyBytes?: number;
  };
  /** Anything else of the call. */
  readonly call?: Partial<PlainCall>;
}

export const exampleAccount = "123456789012";

export const alice: Caller = {
  kind: "user",
  accountId: exampleAccount,
  accessKeyId: "AKIARZPUZDIKAEXAMPLE",
  principalId: "AIDARZPUZDIKCAEXAMPLE",
  arn: `arn:aws:iam::${exampleAccount}:user/alice`,
  userName: "alice",
};

export const deployer: Caller = {
  kind: "role-session",
  accountId: exampleAccount,
  accessKeyId: "ASIARZPUZDIKBEXAMPLE",
  roleId: "AROARZPUZDIKDAEXAMPLE",
  roleArn: `arn:aws:iam::${exampleAccount}:role/Deployer`,
  roleName: "Deployer",
  sessionName: "ci-run-42",
  session: { creationDate: "2026-03-02T09:00:11Z", mfaAuthenticated: false },
};

/** The User-Agent that the AWS CLI of spring 2026 sends for a command (`iam.create-user`). */
export function cliAgent(command: string): string {
  return (
    "aws-cli/2.27.32 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.3 md/pyimpl#CPython " +
    `m/n,Z,E,b cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#${command}`
  );
}

/** The finished call that a gateway would hand over after this exchange. */
export function finishedCall(fixture: WireFixture): PlainCall {
  const service = loadCatalogue().service(fixture.service);
  const operation = service?.operation(fixture.operation);
  const target = new URL(fixture.target ?? "/", "http://host");
  const query = [...target.searchParams];
  const headers = new Map(Object.entries(fixture.headers ?? {}));
  const body = bytes(fixture.body);
  const request = { method: fixture.method ?? "POST", path: target.pathname, query, headers, body };
  const answerHeaders = new Map(Object.entries(fixture.answer.headers ?? {}));
  const answer = { status: fixture.answer.status, headers: answerHeaders, body: bytes(fixture.answer.body) };
  const error = decodeError(fixture.protocol, answer);
  const decodes = operation !== undefined && fixture.service !== "s3";
  const completedAt = Date.parse(fixture.completed);
  return {
    eventId: fixture.eventId,
    requestId: fixture.requestId,
    startedAt: completedAt - (fixture.duration ?? 0),
    completedAt,
    operation,
    serviceId: fixture.service,
    signingName: fixture.signingName ?? service?.signingName ?? fixture.service,
    operationName: fixture.operation,
    region: fixture.region ?? "us-east-1",
    accountId: exampleAccount,
    caller: fixture.caller,
    sourceIp: "198.51.100.24",
    userAgent: fixture.userAgent,
    signature: { version: "SigV4", method: "header" },
    tls: { version: "TLSv1.3", cipherSuite: "TLS_AES_128_GCM_SHA256" },
    request: {
      ...request,
      host: fixture.host,
      ...(fixture.s3 === undefined ? {} : { s3: fixture.s3 }),
      bodyTruncated: false,
      bodyBytes: fixture.bodyBytes ?? body?.byteLength ?? 0,
    },
    response: {
      ...answer,
      bodyTruncated: false,
      bodyBytes: fixture.answer.bodyBytes ?? answer.body?.byteLength ?? 0,
      startedAt: completedAt,
    },
    input: decodes ? decodeRequest(operation, fixture.protocol, request) : undefined,
    output: decodes && error === undefined ? decodeResponse(operation, fixture.protocol, answer) : undefined,
    error: error === undefined ? undefined : { ...error, status: answer.status },
    ...fixture.call,
  };
}

/** Every record that the exchange leaves, parsed. */
export function recordsOf(fixture: WireFixture, options: Partial<EventBuilderOptions> = {}): CloudTrailRecord[] {
  let further = 0;
  const newId = (): string => `ffffffff-0000-4000-8000-${String((further += 1)).padStart(12, "0")}`;
  const builder = createEventBuilder({ newId, ...options });
  return builder.build(finishedCall(fixture)).map(({ record }) => JSON.parse(new TextDecoder().decode(record)));
}

/** A form as the SDKs send it. */
export function form(pairs: Readonly<Record<string, string>>): string {
  return new URLSearchParams(pairs).toString();
}

function bytes(body: string | Uint8Array | undefined): Uint8Array | undefined {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}
