import { type Answer, type Bench, call, startBench } from "../gateway-bench.test-support.ts";
import {
  alice,
  authenticatorFor,
  bob,
  HandClock,
  NOW,
  type Sendable,
  session,
  type Signing,
  signLikeSdks,
  type Unsigned,
} from "./signing.test-support.ts";

/** Codes of all refusals so far. */
export const refusals: string[] = [];
const inactive = { ...bob, accessKeyId: "AKIARZPUZDIKINACTIVE", active: false };
const over = { ...session, accessKeyId: "ASIARZPUZDIKEXPIRED0", expiresAt: NOW - 1000 };
let bench: Bench | undefined;

/** A gateway that checks signatures, at `NOW`; `send` speaks to it. */
export async function startRefusing(): Promise<Bench> {
  const options = { clock: new HandClock(), onRefusal: (code: string) => refusals.push(code) };
  bench = await startBench({ authenticator: authenticatorFor([alice, bob, session, inactive, over], options) });
  return bench;
}

/** One call of each way to speak, and what its errors look like. */
export interface Face {
  readonly request: Unsigned;
  readonly service: string;
  readonly read: (answer: Answer) => { readonly code: string | undefined; readonly message: string | undefined };
}

const json = (body: object): Uint8Array => Buffer.from(JSON.stringify(body));
export const fromJson: Face["read"] = ({ body, headers }) => {
  const { __type, message } = JSON.parse(body.toString()) as { __type?: string; message?: string };
  return { code: __type ?? (headers["x-amzn-errortype"] as string | undefined), message };
};
export const fromXml: Face["read"] = ({ body }) => ({
  code: /<Code>(.*?)<\/Code>/.exec(body.toString())?.[1],
  message: /<Message>(.*?)<\/Message>/s.exec(body.toString())?.[1]?.replaceAll("&apos;", "'").replaceAll("&quot;", '"'),
});

export const faces = {
  json: {
    service: "dynamodb",
    request: {
      method: "POST",
      path: "/",
      query: {},
      headers: { host: "h.test", "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.ListTables" },
      body: json({}),
    },
    read: fromJson,
  },
  query: {
    service: "sts",
    request: {
      method: "POST",
      path: "/",
      query: {},
      headers: { host: "h.test", "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from("Action=GetCallerIdentity&Version=2011-06-15"),
    },
    read: fromXml,
  },
  ec2: {
    service: "ec2",
    request: {
      method: "POST",
      path: "/",
      query: {},
      headers: { host: "h.test", "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from("Action=DescribeInstances&Version=2016-11-15"),
    },
    read: fromXml,
  },
  restJson: {
    service: "lambda",
    request: {
      method: "GET",
      path: "/2015-03-31/functions/",
      query: {},
      headers: { host: "lambda.eu-west-1.amazonaws.com" },
      body: undefined,
    },
    read: fromJson,
  },
  cbor: {
    service: "monitoring",
    request: {
      method: "POST",
      path: "/service/GraniteServiceVersion20100801/operation/ListMetrics",
      query: {},
      headers: { host: "h.test", "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" },
      body: Buffer.from([0xa0]),
    },
    read: ({ body }) => {
      const text = body.toString("latin1");
      return { code: /[A-Z]\w+Exception/.exec(text)?.[0], message: text };
    },
  },
  s3: {
    service: "s3",
    request: { method: "GET", path: "/bucket/key", query: {}, headers: { host: "h.test" }, body: undefined },
    read: fromXml,
  },
} satisfies Record<string, Face>;

export const how = (face: Face): Signing => ({ service: face.service, region: "eu-west-1", credentials: alice, at: NOW });

export async function send({ method, target, headers, body }: Sendable): Promise<Answer> {
  const lines = { ...headers, ...(body === undefined ? {} : { "content-length": String(body.length) }) };
  return await call(bench?.port ?? 0, { method, path: target, headers: lines }, body);
}

/** Each way to be wrong, as a request. */
export const wrongs = {
  "no signature": async ({ request }: Face) => ({ ...request, target: request.path }),
  "an unknown key": (face: Face) =>
    signLikeSdks(face.request, { ...how(face), credentials: { ...alice, accessKeyId: "AKIARZPUZDIKUNKNOWN0" } }),
  "an inactive key": (face: Face) => signLikeSdks(face.request, { ...how(face), credentials: inactive }),
  "a wrong secret": (face: Face) =>
    signLikeSdks(face.request, { ...how(face), credentials: { ...alice, secretAccessKey: "wrong" } }),
  "a session without its token": (face: Face) =>
    signLikeSdks(face.request, { ...how(face), credentials: { ...alice, ...withoutToken } }),
  "a token of another session": (face: Face) =>
    signLikeSdks(face.request, { ...how(face), credentials: { ...session, sessionToken: "another" } }),
  "a token where none belongs": (face: Face) =>
    signLikeSdks(face.request, { ...how(face), credentials: { ...alice, sessionToken: "another" } }),
  "a session that is over": (face: Face) => signLikeSdks(face.request, { ...how(face), credentials: over }),
  "a time long ago": (face: Face) => signLikeSdks(face.request, { ...how(face), at: NOW - 901_000 }),
  "a time to come": (face: Face) => signLikeSdks(face.request, { ...how(face), at: NOW + 901_000 }),
  "a header not signed": async (face: Face) => {
    const signed = await signLikeSdks(face.request, how(face));
    return { ...signed, headers: { ...signed.headers, "x-amz-other": "1" } };
  },
  "half a header": async (face: Face) => {
    const signed = await signLikeSdks(face.request, how(face));
    const authorization = (signed.headers["authorization"] ?? "").replace(/, Signature=.*/, "");
    return { ...signed, headers: { ...signed.headers, authorization } };
  },
  "another day's scope": async (face: Face) => {
    const signed = await signLikeSdks(face.request, how(face));
    const authorization = (signed.headers["authorization"] ?? "").replace("/20260302/", "/20260301/");
    return { ...signed, headers: { ...signed.headers, authorization } };
  },
} satisfies Record<string, (face: Face) => Promise<Sendable>>;
const { accessKeyId, secretAccessKey } = session;
const withoutToken = { accessKeyId, secretAccessKey };
