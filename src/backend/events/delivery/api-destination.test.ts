import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { callApiDestination } from "./api-destination.ts";

test("path values stay within the place that the URL leaves for them", async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/only/*/here`;
  const call = async (value: string): Promise<void> =>
    await callApiDestination(url, { PathParameterValues: [value] }, "{}", new AbortController().signal);
  for (const value of [".", ".."]) await expect(call(value)).rejects.toMatchObject({ isFinal: true });
  for (const value of ["...", "../x", "a/b?c#d", "\ud800"]) await call(value);
  expect(asked).toEqual(["/only/.../here", "/only/..%2Fx/here", "/only/a%2Fb%3Fc%23d/here", "/only/%EF%BF%BD/here"]);
});

test("what is said of a failure names no URL", async () => {
  const failed = callApiDestination("http://user:hidden@127.0.0.1:1/token", {}, "{}", new AbortController().signal);
  await expect(failed).rejects.toThrow(/cannot be reached/);
  await expect(failed).rejects.not.toThrow(/hidden|token/);
});
