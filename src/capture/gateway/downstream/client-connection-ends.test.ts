import { afterEach, describe, expect, test } from "vitest";
import type { ArrivedRequest } from "./client-connection.ts";
import { closeDialled, dial, Gate, say, TestHost, turns } from "./downstream.test-support.ts";

afterEach(closeDialled);

const HEAD = "Host: x\r\n\r\n";
const GET = `GET /a HTTP/1.1\r\n${HEAD}`;
const put = (body: string): string => `PUT /p HTTP/1.1\r\nContent-Length: ${body.length}\r\n${HEAD}${body}`;

describe("a client that closes its half", () => {
  const halved = async (bytes: string, answer?: (request: ArrivedRequest) => Promise<void>): Promise<[string, TestHost]> => {
    const host = new TestHost(answer);
    const { client, server, heard } = await dial(host);
    client.end(bytes);
    const text = await heard.end();
    await expect.poll(() => server.destroyed).toBe(true);
    expect(host.closedCount).toBe(1);
    return [text, host];
  };

  test("before it has said anything", async () => {
    expect((await halved(""))[0]).toBe("");
  });

  test("in the middle of a head", async () => {
    const [text, { refusals }] = await halved("GET / HT");
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(refusals).toHaveLength(1);
  });

  test("in the middle of a body", async () => {
    const [text, { taken }] = await halved(put("hello").slice(0, -1));
    expect([text, taken]).toEqual(["", []]);
  });

  test("behind its requests gets their answers", async () => {
    const [text] = await halved(GET + put("hello") + GET, undefined);
    expect(text).toMatch(/1 GET \/a 0HTTP[^]*2 PUT \/p 5HTTP[^]*3 GET \/a 0$/);
  });

  test("behind its requests, the last of them in pieces", async () => {
    const [text] = await halved(`${GET}GET /b HTT`, async ({ answer }) => {
      await turns(20);
      say(answer, "one");
    });
    expect(text).toMatch(/oneHTTP\/1\.1 400 /);
  });

  test("while its answer's body is still to come", async () => {
    const host = new TestHost(async ({ answer }) => say(answer, "early"));
    const { client, server, heard } = await dial(host);
    client.write(put("hello").slice(0, -1));
    await heard.until(/early$/);
    client.end();
    await heard.end();
    await expect.poll(() => server.destroyed).toBe(true);
  });
});

describe("a client that goes", () => {
  test.each([
    ["before it has said anything", ""],
    ["in the middle of a head", "GET / HT"],
    ["during its call", GET],
    ["in the middle of a body", put("hello").slice(0, -1)],
    ["in the middle of chunks", `PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${HEAD}5\r\nhel`],
  ])("%s", async (_name, bytes) => {
    const gate = new Gate();
    const host = new TestHost(gate.answer);
    const { client, server } = await dial(host);
    client.write(bytes);
    if (/\r\n\r\n/.test(bytes)) await gate.until(1);
    await turns(10);
    client.resetAndDestroy();
    await expect.poll(() => server.closed).toBe(true);
    expect([host.closedCount, host.connections.size]).toEqual([1, 0]);
    const [request] = gate.arrived;
    if (request?.body !== undefined) expect(request.body.gone).toBe(true);
    // Whoever answers finds nobody, and that is all.
    if (request !== undefined) say(request.answer, "late");
    gate.over();
    await turns();
  });
});

describe("finish", () => {
  test.each([
    ["idle", ""],
    ["in the middle of a head", "GET / HT"],
  ])("%s: closes at once", async (_name, bytes) => {
    const host = new TestHost();
    const { client, connection, heard } = await dial(host);
    client.write(bytes);
    await turns(10);
    connection.finish();
    expect(await heard.end()).toBe("");
    await expect.poll(() => host.closedCount).toBe(1);
  });

  test("during a call: closes behind its answer, whatever is ahead", async () => {
    const gate = new Gate();
    const { client, connection, heard } = await dial(new TestHost(gate.answer));
    client.write(GET + GET);
    const { answer } = await gate.until(1);
    connection.finish();
    say(answer, "last");
    gate.over();
    expect(await heard.end()).toMatch(/\r\nConnection: close\r\n\r\nlast$/);
    expect(gate.arrived).toHaveLength(1);
  });

  test("when the head of the answer is out already", async () => {
    const gate = new Gate();
    const { client, connection, heard } = await dial(new TestHost(gate.answer));
    client.write(GET);
    const { answer } = await gate.until(1);
    answer.head(200, undefined, []);
    answer.flush();
    await heard.until(/keep-alive/);
    connection.finish();
    answer.end(Buffer.from("last"));
    gate.over();
    expect(await heard.end()).toMatch(/4\r\nlast\r\n0\r\n\r\n$/);
  });

  test("while the rest of a body comes", async () => {
    const host = new TestHost(async ({ answer }) => say(answer, "early"));
    const { client, connection, heard } = await dial(host);
    client.write(put("hello").slice(0, -1));
    await heard.until(/early$/);
    await turns();
    connection.finish();
    expect(await heard.end()).toMatch(/early$/);
    await expect.poll(() => host.closedCount).toBe(1);
  });

  test("a call that gives no answer is cut", async () => {
    const gate = new Gate();
    const { client, heard } = await dial(new TestHost(gate.answer));
    client.write(GET);
    await gate.until(1);
    gate.over();
    expect(await heard.end()).toBe("");
  });
});
