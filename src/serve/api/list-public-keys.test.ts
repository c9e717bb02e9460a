import { createHash, createPublicKey } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { ListPublicKeysCommand } from "@aws-sdk/client-cloudtrail";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Seal } from "../../base/seal.ts";
import { SigningKeys } from "../../readers/delivery/digest/signing-keys.ts";
import { failure, type ServedApi, serveApi } from "./api.test-support.ts";

const DAY = 24 * 60 * 60 * 1000;
let api: ServedApi;
let keys: SigningKeys;

beforeEach(async () => {
  keys = new SigningKeys({
    database: new DatabaseSync(":memory:"),
    seal: new Seal(new Uint8Array(32), "digest signing keys"),
    clock: { now: () => api.now },
  });
  api = await serveApi({ signingKeys: keys });
});
afterEach(async () => {
  await api.close();
});

test("the key of now, in the form that validators load", async () => {
  const { fingerprint } = await keys.signer("us-east-1");
  const { PublicKeyList, NextToken } = await api.client().send(new ListPublicKeysCommand({}));
  expect(NextToken).toBeUndefined();
  const { Value = new Uint8Array(), ...others } = PublicKeyList![0]!;
  expect(others).toEqual({
    Fingerprint: fingerprint,
    ValidityStartTime: new Date(api.now),
    ValidityEndTime: new Date(api.now + 30 * DAY),
  });
  expect(createHash("md5").update(Value).digest("hex")).toBe(fingerprint);
  const key = createPublicKey({ key: Buffer.from(Value), format: "der", type: "pkcs1" });
  expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
});

test("of a time: all that could sign then; the future is fine, a token is not looked at, other Regions have their own", async () => {
  const first = await keys.signer("us-east-1");
  const start = api.now;
  api.now += 29 * DAY;
  const second = await keys.signer("us-east-1");
  const listed = async (from?: number, to?: number, region?: string): Promise<readonly unknown[]> => {
    const times = { ...(from && { StartTime: new Date(from) }), ...(to && { EndTime: new Date(to) }) };
    const answer = await api.client(region).send(new ListPublicKeysCommand({ ...times, NextToken: "invalid" }));
    return (answer.PublicKeyList ?? []).map(({ Fingerprint }) => Fingerprint);
  };
  expect(await listed(start, start + DAY)).toEqual([first.fingerprint]);
  expect(await listed(start, start + 400 * DAY)).toEqual([first.fingerprint, second.fingerprint]);
  expect(await listed(api.now)).toEqual([first.fingerprint, second.fingerprint]);
  expect(await listed(start + 35 * DAY)).toEqual([second.fingerprint]);
  const [elsewhere, ...more] = await listed(undefined, undefined, "eu-west-1");
  expect([first.fingerprint, second.fingerprint, undefined]).not.toContain(elsewhere);
  expect(more).toEqual([]);
});

test("an end before the start is refused", async () => {
  const input = { StartTime: new Date(api.now), EndTime: new Date(api.now - 1000) };
  expect((await failure(api.client().send(new ListPublicKeysCommand(input))))[0]).toBe("InvalidTimeRangeException");
});
