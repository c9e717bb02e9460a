import { createHash, createHmac, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AsymmetricKeys } from "../../../aws/sigv4/asymmetric-keys.ts";
import { canonicalRequest } from "../../../aws/sigv4/canonical-request.ts";
import { stringToSign } from "../../../aws/sigv4/string-to-sign.ts";
import { type Answer, type Bench, call, closeBenches, RawConnection, startBench } from "../gateway-bench.test-support.ts";
import { createHttpUpstream } from "../http-upstream.ts";
import { createRehostedUpstream } from "../rehosted-upstream.ts";
import { alice, authenticatorFor, NOW, session, signLikeSdks, type Sendable } from "./signing.test-support.ts";

/** What came out at the end of two gateways that check signatures, one behind the other. */
interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

let front: Bench;
let back: Bench;
const arrived: Arrived[] = [];

beforeAll(async () => {
  const secrets = [alice, session];
  back = await startBench({
    authenticator: authenticatorFor(secrets),
    peer: (message, response) => {
      const chunks: Buffer[] = [];
      message.on("data", (chunk: Buffer) => chunks.push(chunk));
      message.on("end", () => {
        arrived.push({
          method: message.method ?? "",
          url: message.url ?? "",
          headers: message.headers,
          body: Buffer.concat(chunks),
        });
        response.end();
      });
    },
  });
  const url = `http://127.0.0.1:${back.port}`;
  const endpoint = createRehostedUpstream(createHttpUpstream({ url }), url);
  // Some seconds later than the client's clock, so that an old date would show.
  front = await startBench({ authenticator: authenticatorFor(secrets, { clock: { now: () => NOW + 7000 } }), endpoint });
});
beforeEach(() => {
  arrived.length = 0;
});
afterAll(closeBenches);

async function send({ method, target, headers, body }: Sendable): Promise<Answer> {
  const lines = { ...headers, ...(body === undefined ? {} : { "content-length": String(body.length) }) };
  return await call(front.port, { method, path: target, headers: lines }, body);
}

const how = { service: "s3", region: "eu-west-1", credentials: session, at: NOW };
const plain = {
  method: "GET",
  path: "/bucket/key%20%C3%BC",
  query: { versionId: "a b" },
  headers: { host: "store.test" },
  body: undefined,
};

describe("signed again for the backend", () => {
  test("in the header, with the backend's own name and the time of now", async () => {
    await send(await signLikeSdks(plain, how));
    expect(arrived).toHaveLength(1);
    expect(arrived[0]).toMatchObject({ method: "GET", url: "/bucket/key%20%C3%BC?versionId=a%20b" });
    expect(arrived[0]?.headers).toMatchObject({
      host: `127.0.0.1:${back.port}`,
      "x-amz-date": "20260302T090508Z",
      "x-amz-security-token": session.sessionToken,
    });
  });

  test("presigned, with the client's time", async () => {
    const unsigned = { ...plain, headers: { ...plain.headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } };
    const early = { ...how, at: NOW - 500_000, expires: 600 };
    expect((await send(await signLikeSdks(unsigned, early))).status).toBe(200);
    expect(arrived[0]?.url).toMatch(/X-Amz-Date=20260302T085641Z/);
    expect(arrived[0]?.headers["host"]).toBe(`127.0.0.1:${back.port}`);
    expect(arrived[0]?.headers["authorization"]).toBeUndefined();
  });

  test("a bucket in front of the host goes into the path", async () => {
    const hosted = { ...plain, path: "/key", query: {}, headers: { host: "bucket.localhost:4580" } };
    await send(await signLikeSdks(hosted, how));
    await send(await signLikeSdks({ ...hosted, path: "/", query: { "list-type": "2" } }, how));
    await send(await signLikeSdks({ ...hosted, path: "/" }, how));
    expect(arrived.map(({ url }) => url)).toEqual(["/bucket/key", "/bucket?list-type=2", "/bucket"]);
  });

  test("whatever the service, the path and the query", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("s3", "lambda", "sqs", "dynamodb"),
        fc.constantFrom(alice, session),
        fc.array(fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom("", "..", "é", "a+b")), { maxLength: 4 }),
        fc.dictionary(fc.stringMatching(/^[a-w]{1,5}$/), fc.string({ unit: "grapheme", maxLength: 6 }), { maxKeys: 4 }),
        fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        async (service, credentials, segments, query, body) => {
          arrived.length = 0;
          const path = `/${segments.map((each) => encodeURIComponent(each).replace(/[!'()*]/g, "_")).join("/")}`;
          const unsigned = { method: "POST", path, query, headers: { host: "x.test" }, body };
          const signed = await signLikeSdks(unsigned, { ...how, service, credentials });
          expect((await send(signed)).status).toBe(200);
          expect(arrived[0]?.url).toBe(signed.target);
          expect(Buffer.compare(arrived[0]!.body, body)).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("requests without a signature keep none", async () => {
    expect((await call(front.port, { path: "/bucket/key", headers: { host: "bucket2.localhost" } })).status).toBe(200);
    expect(arrived[0]).toMatchObject({ url: "/bucket2/bucket/key", headers: { host: `127.0.0.1:${back.port}` } });
    expect(arrived[0]?.headers["authorization"]).toBeUndefined();
  });

  test("with an asymmetric signature", async () => {
    const date = "20260302T090501Z";
    const headers: Record<string, string> = {
      host: "store.test",
      "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
      "x-amz-date": date,
      "x-amz-region-set": "*",
    };
    const names = Object.keys(headers);
    const signable = { method: "GET", path: "/b/k", query: "", header: (name: string) => headers[name] };
    const scope = "20260302/s3/aws4_request";
    const text = stringToSign(
      "AWS4-ECDSA-P256-SHA256",
      date,
      scope,
      canonicalRequest(signable, "object", names, "UNSIGNED-PAYLOAD"),
    );
    const signature = new AsymmetricKeys().sign(alice.accessKeyId, alice.secretAccessKey, text);
    const authorization = (end: string): string =>
      `AWS4-ECDSA-P256-SHA256 Credential=${alice.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${end}`;
    const sent = (end: string): Promise<Answer> =>
      call(front.port, { path: "/b/k", headers: { ...headers, authorization: authorization(end) } });
    expect((await sent(signature)).status).toBe(200);
    expect(arrived[0]?.headers["authorization"]).toMatch(/^AWS4-ECDSA-P256-SHA256 /);
    const wrong = await sent(new AsymmetricKeys().sign(alice.accessKeyId, "wrong", text));
    expect(wrong.body.toString()).toContain("<Code>SignatureDoesNotMatch</Code>");
  });
});

/** An upload in signed chunks, made here from AWS's description alone. */
function chunkedUpload(
  data: Buffer,
  sizes: readonly number[],
  trailer: boolean,
  declared = true,
): Sendable & { readonly frames: Buffer[] } {
  const sha = (bytes: string | Buffer): string => createHash("sha256").update(bytes).digest("hex");
  const mac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
  const key = ["eu-west-1", "s3", "aws4_request"].reduce(mac, mac(`AWS4${alice.secretAccessKey}`, "20260302"));
  const place = "20260302T090501Z\n20260302/eu-west-1/s3/aws4_request";
  const kind = trailer ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" : "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
  const headers: Record<string, string> = {
    "content-encoding": "aws-chunked",
    host: "store.test",
    "x-amz-content-sha256": kind,
    "x-amz-date": "20260302T090501Z",
    ...(declared ? { "x-amz-decoded-content-length": String(data.length) } : {}),
    ...(trailer ? { "x-amz-trailer": "x-amz-checksum-crc32" } : {}),
  };
  const names = Object.keys(headers);
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const canonical = `PUT\n/b/k\n\n${lines}\n${names.join(";")}\n${kind}`;
  let last = mac(key, `AWS4-HMAC-SHA256\n${place}\n${sha(canonical)}`).toString("hex");
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${alice.accessKeyId}/20260302/eu-west-1/s3/aws4_request, SignedHeaders=${names.join(";")}, Signature=${last}`;
  const frames: Buffer[] = [];
  const frame = (part: Buffer): void => {
    last = mac(key, `AWS4-HMAC-SHA256-PAYLOAD\n${place}\n${last}\n${sha("")}\n${sha(part)}`).toString("hex");
    frames.push(Buffer.from(`${part.length.toString(16)};chunk-signature=${last}\r\n`), part, Buffer.from("\r\n"));
  };
  for (let at = 0, turn = 0; at < data.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    frame(data.subarray(at, at + size));
    at += size;
  }
  frame(Buffer.alloc(0));
  if (trailer) {
    frames.pop();
    const line = "x-amz-checksum-crc32:AAAAAA==";
    const signature = mac(key, `AWS4-HMAC-SHA256-TRAILER\n${place}\n${last}\n${sha(`${line}\n`)}`).toString("hex");
    frames.push(Buffer.from(`${line}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`));
  }
  return { method: "PUT", target: "/b/k", headers, body: Buffer.concat(frames), frames };
}

/** The data of a body in chunks, and what stands behind it. */
function unframe(body: Buffer): { readonly data: Buffer; readonly end: string } {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const line = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, line), 16);
    if (size === 0) return { data: Buffer.concat(parts), end: body.toString("latin1", line + 2) };
    parts.push(body.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

describe("a body in signed chunks", () => {
  test("is checked, cut anew, signed anew and whole", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, 65_535, 65_536, 65_537, 131_072, 300_000),
        fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        async (length, sizes, trailer, declared) => {
          fc.pre(length / Math.min(...sizes) < 500);
          arrived.length = 0;
          const data = randomBytes(length);
          const answer = await send(chunkedUpload(data, sizes, trailer, declared));
          expect([answer.status, answer.body.toString()]).toEqual([200, ""]);
          const [{ headers, body }] = arrived as [Arrived];
          expect(headers["content-length"]).toBe(declared ? String(body.length) : undefined);
          const { data: read, end } = unframe(body);
          expect(Buffer.compare(read, data)).toBe(0);
          if (trailer) expect(end).toMatch(/^x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:[0-9a-f]{64}\r\n\r\n$/);
          else expect(end).toBe("\r\n");
        },
      ),
      { numRuns: 40 },
    );
  });

  test("is never whole for the backend when a bit of it is another one", async () => {
    const upload = chunkedUpload(randomBytes(5000), [2000], true);
    const whole = Buffer.concat(upload.frames);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 6 }), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        arrived.length = 0;
        const body = Buffer.from(whole);
        body[at] = (body[at] ?? 0) ^ (1 << bit);
        // Letters of a number or a name in the other case, and a line end without its first half, mean the same.
        fc.pre(unframedAlike(body, whole) === false);
        const answer = await send({ ...upload, body });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(arrived).toHaveLength(0);
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    ["ends early", (frames: Buffer[]) => frames.slice(0, 3), "IncompleteBody"],
    ["has a chunk less", (frames: Buffer[]) => frames.slice(3), "SignatureDoesNotMatch"],
    [
      "has two chunks in the other order",
      ([a, b, c, d, e, f, ...rest]: Buffer[]) => [d, e, f, a, b, c, ...rest] as Buffer[],
      "SignatureDoesNotMatch",
    ],
    ["has a chunk twice", (frames: Buffer[]) => [...frames.slice(0, 3), ...frames], "SignatureDoesNotMatch"],
    ["has chunks without signatures", () => [Buffer.from("3\r\nabc\r\n0\r\n\r\n")], "SignatureDoesNotMatch"],
    ["has no chunks", () => [Buffer.from("zz\r\n")], "InvalidRequest"],
  ])("that %s is refused", async (_name, change, code) => {
    const upload = chunkedUpload(randomBytes(6000), [2000], false);
    const answer = await send({ ...upload, body: Buffer.concat(change([...upload.frames])) });
    expect(answer.body.toString()).toContain(`<Code>${code}</Code>`);
    expect(arrived).toHaveLength(0);
  });
});

/** Whether a change of one bit means nothing: the case of a hex digit or of a trailer's name, or a `\r`. */
function unframedAlike(a: Buffer, b: Buffer): boolean {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  const before = String.fromCharCode(b[at] ?? 0);
  const after = String.fromCharCode(a[at] ?? 0);
  return before.toLowerCase() === after.toLowerCase() || before === "\r" || /\s/.test(after);
}

describe("a long body whose hash is signed", () => {
  const body = randomBytes(3_000_000);

  test("passes, and never whole when it is another one", async () => {
    const signed = await signLikeSdks({ ...plain, method: "PUT", body }, how);
    expect((await send(signed)).status).toBe(200);
    expect(Buffer.compare(arrived[0]!.body, body)).toBe(0);
    for (const at of [0, 1_500_000, body.length - 1]) {
      arrived.length = 0;
      const other = Buffer.from(body);
      other[at] = (other[at] ?? 0) ^ 1;
      const answer = await send({ ...signed, body: other });
      expect([answer.status, arrived.length]).toEqual([400, 0]);
      expect(answer.body.toString()).toContain("<Code>XAmzContentSHA256Mismatch</Code>");
    }
  });

  test("of a client that leaves in the middle is nothing to the backend", async () => {
    const signed = await signLikeSdks({ ...plain, method: "PUT", body }, how);
    const connection = new RawConnection(front.port);
    const lines = Object.entries(signed.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    connection.send(`PUT ${signed.target} HTTP/1.1\r\n${lines.join("")}content-length: ${body.length}\r\n\r\n`);
    connection.send(body.subarray(0, 2_000_000));
    const before = front.recorder.calls.length;
    connection.socket.end(() => connection.socket.destroy());
    await front.recorder.atLeast(before + 1);
    expect(front.recorder.calls.at(-1)?.notes).toEqual({ clientDisconnected: true });
    expect(arrived).toHaveLength(0);
  });
});
