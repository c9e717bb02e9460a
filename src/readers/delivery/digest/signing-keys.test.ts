import { createHash, createPublicKey, verify } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Seal } from "../../../base/seal.ts";
import { SigningKeys } from "./signing-keys.ts";

const DAY = 24 * 60 * 60;
const T0 = Date.UTC(2026, 2, 10) / 1000;

function setUp() {
  const database = new DatabaseSync(":memory:");
  const clock = { seconds: T0, now: () => clock.seconds * 1000 };
  const open = (secret = 7): SigningKeys =>
    new SigningKeys({ database, seal: new Seal(new Uint8Array(32).fill(secret), "digest signing keys"), clock });
  return { database, clock, open };
}

test("a key is as ListPublicKeys and validators need it: PKCS #1, MD5, thirty days, its own signatures", async () => {
  const { open } = setUp();
  const keys = open();
  expect(keys.list("us-east-1")).toEqual([]);
  const signer = await keys.signer("us-east-1");
  const [key, ...others] = keys.list("us-east-1");
  expect(others).toEqual([]);
  expect(key).toMatchObject({ fingerprint: signer.fingerprint, validFrom: T0, validTo: T0 + 30 * DAY });
  expect(Buffer.from(key!.value).toString("base64")).toMatch(/^MIIBCgKCAQEA/);
  expect(createHash("md5").update(key!.value).digest("hex")).toBe(key!.fingerprint);
  const publicKey = createPublicKey({ key: Buffer.from(key!.value), format: "der", type: "pkcs1" });
  const signature = signer.sign("text");
  expect(signature).toMatch(/^[0-9a-f]{512}$/);
  expect(verify("sha256", Buffer.from("text"), publicKey, Buffer.from(signature, "hex"))).toBe(true);
  expect(verify("sha256", Buffer.from("texT"), publicKey, Buffer.from(signature, "hex"))).toBe(false);
});

test("Regions have keys of their own; many who ask at once get one key; it survives a restart", async () => {
  const { open } = setUp();
  const keys = open();
  const signers = await Promise.all(Array.from({ length: 5 }, async () => await keys.signer("us-east-1")));
  expect(new Set(signers.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  const other = await keys.signer("eu-west-1");
  expect(other.fingerprint).not.toBe(signers[0]!.fingerprint);
  expect(await open().signer("us-east-1")).toMatchObject({ fingerprint: signers[0]!.fingerprint });
});

test("private halves rest sealed, open under their own secret alone, and go when they have expired", async () => {
  const { database, clock, open } = setUp();
  const { fingerprint } = await open().signer("us-east-1");
  const sealed = database.prepare("SELECT sealed FROM signing_keys").get()!["sealed"] as Uint8Array;
  expect(() => createPublicKey({ key: Buffer.from(sealed), format: "der", type: "pkcs1" })).toThrow();
  await expect(open(8).signer("us-east-1")).rejects.toThrow("another key");
  clock.seconds += 31 * DAY;
  await open().signer("us-east-1");
  const rows = database.prepare("SELECT fingerprint, sealed FROM signing_keys ORDER BY valid_from").all();
  expect(rows).toMatchObject([{ fingerprint, sealed: null }, { sealed: expect.any(Uint8Array) }]);
});

test("the next key comes while the last is still valid, and all are listed for their times for ever", async () => {
  const { clock, open } = setUp();
  const keys = open();
  const made: string[] = [];
  for (let day = 0; day < 90; day += 1) {
    const { fingerprint } = await keys.signer("us-east-1");
    if (made.at(-1) !== fingerprint) made.push(fingerprint);
    clock.seconds += DAY;
  }
  expect(made).toHaveLength(4);
  const listed = (from?: number, to?: number): readonly number[] =>
    keys.list("us-east-1", from, to).map(({ fingerprint }) => made.indexOf(fingerprint));
  expect(listed(T0, T0 + DAY)).toEqual([0]);
  expect(listed(T0 + 29 * DAY, T0 + 29 * DAY + 7200)).toEqual([0, 1]);
  expect(listed(T0, T0 + 90 * DAY)).toEqual([0, 1, 2, 3]);
  expect(listed(T0 + 40 * DAY)).toEqual([1, 2, 3]);
  expect(listed(undefined, T0 + 40 * DAY)).toEqual([0, 1]);
  // Nothing could sign then, but an empty answer makes validators give up.
  expect(listed(T0 - 20 * DAY, T0 - 10 * DAY)).toHaveLength(1);
});

test("a digest of another time than the key's lists the key for that time", async () => {
  const { clock, open } = setUp();
  const keys = open();
  const first = await keys.signer("us-east-1");
  clock.seconds += 60 * DAY;
  await keys.signer("us-east-1");
  keys.noteSigned("us-east-1", first.fingerprint, T0 + 50 * DAY, T0 + 50 * DAY + 3600);
  const found = keys.list("us-east-1", T0 + 49 * DAY, T0 + 51 * DAY).map(({ fingerprint }) => fingerprint);
  expect(found).toEqual([first.fingerprint]);
});

test("a Region that is asked for has a key before it signs, and signs with it; names of no Region, and too many, have none", async () => {
  const { database, open } = setUp();
  const keys = open();
  const asked = await Promise.all(Array.from({ length: 3 }, async () => await keys.published("eu-west-1", T0 - DAY, T0 + DAY)));
  expect(asked.map((list) => list.map(({ fingerprint }) => fingerprint))).toEqual(
    Array.from({ length: 3 }, () => [expect.stringMatching(/^[\da-f]{32}$/)]),
  );
  expect((await keys.signer("eu-west-1")).fingerprint).toBe(asked[0]![0]!.fingerprint);
  expect(await keys.published("garage")).toEqual([]);
  const insert = database.prepare(
    "INSERT INTO signing_keys SELECT ?, fingerprint, value, sealed, valid_from, valid_to, NULL, NULL FROM signing_keys WHERE region = 'eu-west-1'",
  );
  for (let number = 1; number < 64; number++) insert.run(`xx-made-${number}`);
  expect(await keys.published("us-west-2")).toEqual([]);
  expect(await keys.published("xx-made-1")).toHaveLength(1);
});
