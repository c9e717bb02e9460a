import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, call, closeBenches, startBench } from "../gateway-bench.test-support.ts";
import {
  alice,
  authenticatorFor,
  bob,
  encoded,
  NOW,
  type Sendable,
  session,
  type Signing,
  signLikeSdks,
  targetOf,
  type Unsigned,
} from "./signing.test-support.ts";

let bench: Bench;
/** Bodies that the upstream took for whole. */
const taken: Buffer[] = [];

beforeAll(async () => {
  bench = await startBench({
    authenticator: authenticatorFor([alice, bob, session]),
    peer: (message, response) => {
      const chunks: Buffer[] = [];
      message.on("data", (chunk: Buffer) => chunks.push(chunk));
      message.on("end", () => {
        taken.push(Buffer.concat(chunks));
        response.end();
      });
    },
  });
});
afterAll(closeBenches);

async function send({ method, target, headers, body }: Sendable): Promise<number> {
  const lines = { ...headers, ...(body === undefined ? {} : { "content-length": String(body.length) }) };
  return (await call(bench.port, { method, path: target, headers: lines }, body)).status;
}

const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: "grapheme", maxLength: 6 }));
const segment = fc.oneof(text, fc.constantFrom("", ".", "..", "a b", "é", "%", "+", "~", "a%2Fb", "=&?#"));
const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);

const request = fc
  .record({
    method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD"),
    segments: fc.array(segment, { maxLength: 4 }),
    query: fc.dictionary(
      text.filter((key) => key !== "" && key !== "__proto__" && !/^x-amz-|^AWSAccessKeyId$|^Signature/i.test(key)),
      fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })),
      { maxKeys: 4 },
    ),
    own: fc.dictionary(
      name.map((each) => `x-amz-meta-${each}`),
      fc.oneof(value, fc.constant("")),
      { maxKeys: 3 },
    ),
    other: fc.dictionary(
      name.map((each) => `x-t-${each}`),
      value,
      { maxKeys: 3 },
    ),
    body: fc.uint8Array({ minLength: 1, maxLength: 2000 }),
  })
  .map(({ method, segments, query, own, other, body }): Unsigned => {
    const hasBody = method === "PUT" || method === "POST";
    return {
      method,
      path: `/${segments.map(encoded).join("/")}`,
      query,
      headers: { host: "127.0.0.1:1", ...own, ...other },
      body: hasBody ? body : undefined,
    };
  });

const signing = fc.record({
  service: fc.constantFrom("s3", "lambda", "sqs", "iam", "execute-api"),
  region: fc.constantFrom("eu-west-1", "us-east-1", "garage"),
  credentials: fc.constantFrom(alice, bob, session),
  at: fc.integer({ min: NOW - 899_000, max: NOW + 899_000 }).map((at) => Math.floor(at / 1000) * 1000),
});

describe("what the SDKs' signer signs", () => {
  test("is let through, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(request, signing, async (unsigned, how) => {
        taken.length = 0;
        expect(await send(await signLikeSdks(unsigned, how))).toBe(200);
        expect(taken).toHaveLength(1);
        expect(Buffer.compare(taken[0]!, unsigned.body ?? Buffer.alloc(0))).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  test("is let through presigned, and no longer than it says", async () => {
    await fc.assert(
      fc.asyncProperty(request, signing, fc.integer({ min: 1, max: 604_800 }), async (unsigned, how, expires) => {
        // As S3's presigner does: what a browser sends later, nobody can know.
        const open = how.service === "s3" ? { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } : {};
        const bodiless = { ...unsigned, headers: { ...unsigned.headers, ...open }, body: undefined };
        const early = { ...how, at: NOW - expires * 1000, expires };
        expect(await send(await signLikeSdks(bodiless, early))).toBe(200);
        expect(await send(await signLikeSdks(bodiless, { ...early, at: early.at - 1000 }))).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: 60 },
    );
  });

  test("is refused when any one thing about it is another one", async () => {
    await fc.assert(
      fc.asyncProperty(
        request,
        signing,
        fc.constantFrom(...Object.keys(changes)),
        fc.nat(),
        async (unsigned, how, what, seed) => {
          const signed = await signLikeSdks(unsigned, how);
          const changed = await changes[what]!(signed, { unsigned, how, seed });
          fc.pre(changed !== undefined);
          taken.length = 0;
          expect(await send(changed!)).toBeGreaterThanOrEqual(400);
          expect(taken).toHaveLength(0);
        },
      ),
      { numRuns: 600 },
    );
  });
});

interface Circumstances {
  readonly unsigned: Unsigned;
  readonly how: Signing;
  readonly seed: number;
}

type Change = (signed: Sendable, circumstances: Circumstances) => Sendable | undefined | Promise<Sendable | undefined>;

const credentialChange =
  (change: (parts: string[]) => void): Change =>
  (signed) => {
    const authorization = signed.headers["authorization"] ?? "";
    const parts = (/Credential=([^,]+)/.exec(authorization)?.[1] ?? "").split("/");
    change(parts);
    return withHeader(signed, "authorization", authorization.replace(/Credential=[^,]+/, `Credential=${parts.join("/")}`));
  };

/** One change each; undefined where the request has nothing to change. */
const changes: Readonly<Record<string, Change>> = {
  method: (signed) => {
    const other = { GET: "HEAD", HEAD: "GET", PUT: "POST", POST: "PUT", DELETE: "GET" }[signed.method] ?? "GET";
    return { ...signed, method: other };
  },
  path: (signed, { unsigned }) => ({ ...signed, target: signed.target.replace(unsigned.path, () => `${unsigned.path}x`) }),
  "a query parameter more": (signed) => ({ ...signed, target: `${signed.target}${signed.target.includes("?") ? "&" : "?"}more` }),
  "a query value": (signed, { unsigned }) => {
    const [first] = Object.entries(unsigned.query);
    if (first === undefined) return undefined;
    const query = { ...unsigned.query, [first[0]]: [first[1], "x"].flat() };
    return { ...signed, target: targetOf(unsigned.path, query) };
  },
  "a signed header": (signed, { seed }) => {
    const names = Object.keys(signed.headers).filter((each) => each.startsWith("x-") && !/sha256|date|token/.test(each));
    const chosen = names[seed % Math.max(names.length, 1)];
    return chosen === undefined ? undefined : withHeader(signed, chosen, `${signed.headers[chosen] ?? ""}x`);
  },
  "a signed header that is gone": (signed, { seed }) => {
    const names = Object.keys(signed.headers).filter((each) => each.startsWith("x-") && !/sha256/.test(each));
    const chosen = names[seed % Math.max(names.length, 1)];
    return chosen === undefined ? undefined : withHeader(signed, chosen, undefined);
  },
  "an AWS header more": (signed) => withHeader(signed, "x-amz-acl", "public-read"),
  host: (signed) => withHeader(signed, "host", "elsewhere.test"),
  body: (signed, { seed }) => {
    if (signed.body === undefined) return undefined;
    const body = Buffer.from(signed.body);
    const at = seed % body.length;
    body[at] = (body[at] ?? 0) ^ (1 + (seed % 255));
    return { ...signed, body };
  },
  "a body cut short": (signed) => (signed.body === undefined ? undefined : { ...signed, body: signed.body.subarray(1) }),
  "the payload's hash": (signed, { how }) =>
    withHeader(signed, "x-amz-content-sha256", how.service === "s3" ? "UNSIGNED-PAYLOAD" : "0".repeat(64)),
  secret: (_, { unsigned, how }) =>
    signLikeSdks(unsigned, { ...how, credentials: { ...how.credentials, secretAccessKey: "x".repeat(40) } }),
  "another's secret": (_, { unsigned, how }) =>
    signLikeSdks(unsigned, {
      ...how,
      credentials: {
        ...how.credentials,
        secretAccessKey: how.credentials === alice ? bob.secretAccessKey : alice.secretAccessKey,
      },
    }),
  key: credentialChange((parts) => {
    parts[0] = parts[0] === alice.accessKeyId ? bob.accessKeyId : alice.accessKeyId;
  }),
  "a key that nobody knows": credentialChange((parts) => {
    parts[0] = "AKIARZPUZDIKUNKNOWN0";
  }),
  "the day": credentialChange((parts) => {
    parts[1] = "20260303";
  }),
  region: credentialChange((parts) => {
    parts[2] = parts[2] === "eu-west-1" ? "eu-west-2" : "eu-west-1";
  }),
  service: credentialChange((parts) => {
    parts[3] = parts[3] === "s3" ? "sqs" : "s3";
  }),
  "the scope's end": credentialChange((parts) => {
    parts[4] = "aws5_request";
  }),
  time: (signed) =>
    withHeader(
      signed,
      "x-amz-date",
      signed.headers["x-amz-date"] === "20260302T090459Z" ? "20260302T090458Z" : "20260302T090459Z",
    ),
  "a time that is long ago": (_, { unsigned, how }) => signLikeSdks(unsigned, { ...how, at: NOW - 901_000 }),
  "a time that is to come": (_, { unsigned, how }) => signLikeSdks(unsigned, { ...how, at: NOW + 901_000 }),
  "another token": (_, { unsigned, how }) =>
    signLikeSdks(unsigned, { ...how, credentials: { ...how.credentials, sessionToken: "another" } }),
  "no token": (_, { unsigned, how }) => {
    const { accessKeyId, secretAccessKey } = session;
    return signLikeSdks(unsigned, { ...how, credentials: { accessKeyId, secretAccessKey } });
  },
  "the signature": (signed, { seed }) => {
    const authorization = signed.headers["authorization"] ?? "";
    const at = authorization.length - 64 + (seed % 64);
    const digit = authorization[at] === "0" ? "1" : "0";
    return withHeader(signed, "authorization", `${authorization.slice(0, at)}${digit}${authorization.slice(at + 1)}`);
  },
};

function withHeader(signed: Sendable, header: string, to: string | undefined): Sendable {
  const headers = Object.fromEntries(Object.entries(signed.headers).filter(([each]) => each !== header));
  return { ...signed, headers: to === undefined ? headers : { ...headers, [header]: to } };
}
