import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ConfigError, readConfig } from "./read-config.ts";

const directory = mkdtempSync(join(tmpdir(), "opentrail-config-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(text: string): string {
  const path = join(directory, `${(files += 1)}.yaml`);
  writeFileSync(path, text);
  return path;
}

test("nothing said gives the embedded account on loopback", () => {
  const config = readConfig({}, {});
  expect(config.listen).toEqual({ host: "127.0.0.1", port: 4580 });
  expect(config.upstreams).toEqual({});
  expect(config.history).toEqual({ retentionDays: 90, dataEvents: false });
  expect(Object.isFrozen(config.history)).toBe(true);
});

test("flags stand over environment over file", () => {
  const config = file(`accountId: "111111111111"\nregion: eu-west-1\nlisten: 127.0.0.1:1\nhistory: { retentionDays: 7 }\n`);
  const read = readConfig(
    { config, listen: "127.0.0.1:3", historyDataEvents: true },
    { OPENTRAIL_LISTEN: "127.0.0.1:2", OPENTRAIL_ACCOUNT_ID: "222222222222" },
  );
  expect(read.listen.port).toBe(3);
  expect(read.accountId).toBe("222222222222");
  expect(read.region).toBe("eu-west-1");
  expect(read.history).toEqual({ retentionDays: 7, dataEvents: true });
});

test("an API destination's URL holds no credentials, which its failures would tell", () => {
  const config = file("embedded: { apiDestinations: { hook: 'https://user:hidden@example.com/' } }");
  expect(() => readConfig({ config }, {})).toThrow(/apiDestinations.hook: must not hold credentials/);
});

test("upstreams by flag", () => {
  const config = readConfig({ upstream: ["http://127.0.0.1:5000", "s3=http://127.0.0.1:9000"] }, {});
  expect(config.upstreams).toEqual({ default: "http://127.0.0.1:5000", s3: "http://127.0.0.1:9000" });
});

test("the organization's accounts know that they are in it", () => {
  const config = file(`
organization: { id: o-exampleorgid, managementAccount: "111122223333", members: ["222233334444"] }
accounts:
  - { id: "111122223333", organization: o-exampleorgid }
  - { id: "222233334444" }
  - { id: "333344445555", organization: o-otherorgid }
  - { id: "444455556666" }
`);
  const { accounts } = readConfig({ config }, {});
  expect(accounts.map(({ organization }) => organization)).toEqual([
    "o-exampleorgid",
    "o-exampleorgid",
    "o-otherorgid",
    undefined,
  ]);
});

const vpcEndpointText = (more: object): string =>
  JSON.stringify({ listen: "127.0.0.1:0", id: "vpce-0a1b2c3d4e5f60718", accountId: "111122223333", ...more });
const vpcEndpoint = (more: object): string => `vpcEndpoints: [${vpcEndpointText(more)}]\n`;

test("VPC endpoints have an address, an owner and perhaps a policy", () => {
  const policy = { Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "s3:*", Resource: "*" } };
  const { vpcEndpoints } = readConfig({ config: file(vpcEndpoint({ policy })) }, {});
  expect(vpcEndpoints).toEqual([
    {
      listen: { host: "127.0.0.1", port: 0 },
      id: "vpce-0a1b2c3d4e5f60718",
      accountId: "111122223333",
      policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:*", Resource: "*" }] },
    },
  ]);
  expect(readConfig({ config: file(vpcEndpoint({})) }, {}).vpcEndpoints[0]).not.toHaveProperty("policy");
  expect(readConfig({}, {}).vpcEndpoints).toEqual([]);
});

test.each([
  [
    "accounts that say another organization",
    'organization: { id: o-exampleorgid, managementAccount: "111122223333" }\naccounts: [{ id: "111122223333", organization: o-otherorgid }]\n',
    "accounts[0].organization: account 111122223333 is in o-exampleorgid",
  ],
  [
    "more delegated administrators than there may be",
    'organization: { id: o-exampleorgid, managementAccount: "111122223333", members: ["222233334444"], delegatedAdministrators: ["222233334444"] }\napi: { quotas: { delegatedAdministrators: 0 } }\n',
    "organization.delegatedAdministrators: must not be more than",
  ],
  ["quotas of nothing", "api: { quotas: { trailsPerRegion: 0 } }\n", "api.quotas.trailsPerRegion"],
  ["unknown settings", "retention: 3\n", "retention"],
  ["numbers for accounts", "accountId: 123456789012\n", "accountId: must be twelve digits, in quotes"],
  ["paths into groups", "history: { retentionDays: 0 }\n", "history.retentionDays"],
  ["trust beyond loopback", "listen: 0.0.0.0:4580\n", "listen"],
  ["VPC endpoints beyond loopback", vpcEndpoint({ listen: "0.0.0.0:1" }), "vpcEndpoints[0].listen"],
  ["VPC endpoints of another form", vpcEndpoint({ id: "vpc-1" }), "vpcEndpoints[0].id"],
  [
    "a webhook twice",
    'delivery: { webhooks: [{ url: "http://a/" }, { url: "http://a/", trail: b }, { url: "http://a/" }] }\n',
    "delivery.webhooks[2]",
  ],
  ["a file of events twice", "delivery: { ndjson: [{ path: a }, { path: ./a, trail: b }] }\n", "delivery.ndjson[1]"],
  ["VPC endpoints twice", `vpcEndpoints: [${vpcEndpointText({})}, ${vpcEndpointText({})}]\n`, "vpcEndpoints[1].id"],
  [
    "endpoint policies for somebody",
    vpcEndpoint({ policy: { Statement: { Effect: "Allow", Principal: { AWS: "111122223333" }, Action: "*", Resource: "*" } } }),
    "vpcEndpoints[0].policy.Statement[0].Principal",
  ],
  ["verify without any key", "auth: { mode: verify }\n", "auth.mode"],
  [
    "verify without any secret",
    'auth: { mode: verify }\naccounts: [{ id: "123456789012", root: { accessKeys: [{ id: AKIAX }] } }]\n',
    "auth.mode",
  ],
  ["a clock that may be off by nothing", "auth: { clockSkewSeconds: 0 }\n", "auth.clockSkewSeconds"],
  ["a Host of one's own", "upstream: { host: example.test }\n", "upstream.host"],
  ["ports", "listen: 127.0.0.1:99999\n", "listen"],
  ["protocols of upstreams", "upstreams: { default: 'ftp://x' }\n", "upstreams.default"],
  ["paths of upstreams", "upstreams: { default: 'http://x/y' }\n", "upstreams.default"],
  ["credentials of upstreams", "upstreams: { s3: 'http://u:p@x' }\n", "upstreams.s3"],
  ["upstreams that are no URL", "upstreams: { s3: 'http://a:99999' }\n", "upstreams.s3"],
  ["upstreams for what is answered here", "upstreams: { cloudtrail: 'http://x' }\n", "upstreams.cloudtrail: OpenTrail answers"],
  ["not settings at all", "- 1\n", "must hold settings"],
  ["not YAML", "a: [\n", "is not YAML"],
])("refuses, naming the place: %s", (_name, text, place) => {
  expect(() => readConfig({ config: file(text) }, {})).toThrow(ConfigError);
  expect(() => readConfig({ config: file(text) }, {})).toThrow(place);
});

test.each([
  ["127.0.0.2:1234", { host: "127.0.0.2", port: 1234 }],
  ['"[::1]:0"', { host: "::1", port: 0 }],
  ["localhost:1", { host: "localhost", port: 1 }],
  ["4581", { host: "127.0.0.1", port: 4581 }],
  ['":4581"', { host: "127.0.0.1", port: 4581 }],
])("listen: %s", (said, address) => {
  expect(readConfig({ config: file(`listen: ${said}\n`) }, {}).listen).toEqual(address);
});

test("a missing file is said so", () => {
  expect(() => readConfig({ config: "/nonexistent/opentrail.yaml" }, {})).toThrow("ENOENT");
});

test("with verify, any address may be served", () => {
  const accounts = 'accounts: [{ id: "123456789012", root: { accessKeys: [{ id: AKIAX, secret: s }] } }]';
  const config = readConfig({ config: file(`listen: 0.0.0.0:4580\nauth: { mode: verify }\n${accounts}\n`) }, {});
  expect(config.auth).toMatchObject({ mode: "verify", clockSkewSeconds: 900 });
  expect(config.listen.host).toBe("0.0.0.0");
});
