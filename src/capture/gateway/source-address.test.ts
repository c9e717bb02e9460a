import { expect, test } from "vitest";
import { createSourceAddresses } from "./source-address.ts";

const sources = createSourceAddresses(["10.0.0.0/8", "2001:db8::1"]);

test.each([
  ["203.0.113.7", "1.2.3.4", "203.0.113.7"],
  ["::ffff:203.0.113.7", undefined, "203.0.113.7"],
  ["10.0.0.1", "203.0.113.7", "203.0.113.7"],
  ["::ffff:10.0.0.1", "203.0.113.7:4711", "203.0.113.7"],
  ["10.0.0.1", "6.6.6.6, 203.0.113.7, 10.9.9.9", "203.0.113.7"],
  ["2001:db8::1", "[2001:db8::2]:80", "2001:db8::2"],
  ["10.0.0.1", "unknown", "10.0.0.1"],
  ["10.0.0.1", undefined, "10.0.0.1"],
  ["10.0.0.1", "10.0.0.2", "10.0.0.2"],
  ["fe80::1%eth0", undefined, "fe80::1"],
  [undefined, undefined, "0.0.0.0"],
])("peer %s, forwarded for %s: %s", (peer, forwardedFor, source) => {
  expect(sources.of(peer, forwardedFor)).toBe(source);
});

test("a proxy that is no address is refused", () => {
  expect(() => createSourceAddresses(["proxy.example"])).toThrow();
});
