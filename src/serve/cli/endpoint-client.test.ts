import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { selfSigned } from "../../capture/gateway/self-signed.test-support.ts";
import { CliError, endpointClient } from "./endpoint-client.ts";

let server: Server;
let port: number;
let directory: string;

beforeAll(async () => {
  const { certificate, key } = selfSigned();
  directory = mkdtempSync(join(tmpdir(), "opentrail-client-"));
  writeFileSync(join(directory, "bundle.pem"), certificate);
  server = createServer({ cert: certificate, key }, (_request, response) => void response.end('{"fine":true}'));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

const fails = async (url: string, environment = {}): Promise<string> =>
  await (async () => await endpointClient(url, environment).getJson("status"))().then(
    () => "it answered",
    (error: unknown) => (error instanceof CliError ? error.message : String(error)),
  );

test("a certificate that nobody vouches for is told from nobody there", async () => {
  expect(await fails(`https://127.0.0.1:${port}`)).toBe(
    `No safe connection to https://127.0.0.1:${port}: self-signed certificate. AWS_CA_BUNDLE may name a PEM file with the certificate to trust.`,
  );
  expect(await fails(`http://127.0.0.1:${port}`)).toBe(`http://127.0.0.1:${port} closed the connection; does it speak https?`);
});

test("what AWS_CA_BUNDLE names is trusted, as the AWS CLI does", async () => {
  expect(await fails(`https://127.0.0.1:${port}`, { AWS_CA_BUNDLE: join(directory, "nothing.pem") })).toMatch(
    /^Cannot use AWS_CA_BUNDLE: ENOENT/,
  );
  const client = endpointClient(`https://localhost:${port}`, { AWS_CA_BUNDLE: join(directory, "bundle.pem") });
  expect(await client.getJson("status")).toEqual({ fine: true });
});

test.each(["127.0.0.1:4580", "ftp://127.0.0.1", "localhost"])("%s is no URL of an endpoint", async (url) => {
  expect(await fails(url)).toMatch(/is not a URL; give --endpoint http:\/\/HOST:PORT/);
});
