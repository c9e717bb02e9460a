import { createPublicKey, verify } from "node:crypto";
import { expect, test } from "vitest";
import { AsymmetricKeys } from "./asymmetric-keys.ts";

// Key and point with which AWS's own libraries test their derivation.
const accessKeyId = "AKISORANDOMAASORANDOM";
const secret = "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom";
const point = {
  x: "15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb",
  y: "0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0",
};

test("derives the key pair that AWS's libraries derive", () => {
  const signature = Buffer.from(new AsymmetricKeys().sign(accessKeyId, secret, "text"), "hex");
  const coordinate = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");
  const jwk = { kty: "EC", crv: "P-256", x: coordinate(point.x), y: coordinate(point.y) };
  const key = createPublicKey({ key: jwk, format: "jwk" });
  expect(verify("sha256", Buffer.from("text"), { key, dsaEncoding: "der" }, signature)).toBe(true);
});

test("a signature holds for its key, its secret and its text alone", () => {
  const keys = new AsymmetricKeys();
  const signature = keys.sign(accessKeyId, secret, "text");
  expect(keys.verifies(accessKeyId, secret, "text", signature)).toBe(true);
  expect(keys.verifies(accessKeyId, secret, "text ", signature)).toBe(false);
  expect(keys.verifies(accessKeyId, `${secret}x`, "text", signature)).toBe(false);
  expect(keys.verifies(`${accessKeyId}X`, secret, "text", signature)).toBe(false);
  // The pair of the changed secret is not kept in place of the right one.
  expect(keys.verifies(accessKeyId, secret, "text", signature)).toBe(true);
});

test.each(["", "00", "zz".repeat(70), "30".repeat(70), "30450221"])("what is no signature holds for nothing: %s", (signature) => {
  expect(new AsymmetricKeys().verifies(accessKeyId, secret, "text", signature)).toBe(false);
});
