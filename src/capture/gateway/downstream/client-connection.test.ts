import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { closeDialled, dial, Gate, say, TestHost, turns, wholeBody } from "./downstream.test-support.ts";

afterEach(closeDialled);

const HEAD = "Host: x\r\n\r\n";
const GET = `GET /a HTTP/1.1\r\n${HEAD}`;
const put = (body: string, path = "/p"): string => `PUT ${path} HTTP/1.1\r\nContent-Length: ${body.length}\r\n${HEAD}${body}`;

/** Milliseconds from now, as `expire` is told. */
const inMilliseconds = (more: number): number => performance.now() + more;

describe("patience", () => {
  test("a head that does not come to its end is answered with 408", async () => {
    const host = new TestHost();
    const { client, server, connection, heard } = await dial(host);
    client.write(GET.slice(0, 20));
    await expect.poll(() => server.bytesRead).toBe(20);
    connection.expire(inMilliseconds(59_000));
    await turns(10);
    expect(heard.text).toBe("");
    connection.expire(inMilliseconds(61_000));
    await heard.until(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    client.end();
    await heard.end();
    await expect.poll(() => host.closedCount).toBe(1);
    expect(host.refusals.map(({ status }) => status)).toEqual([408]);
  });

  test.each([
    ["one that says nothing", ""],
    ["one that sends empty lines", "\r\n\r\n\r\n"],
    ["one that has had its answer", GET],
  ])("%s is closed without a word", async (_name, bytes) => {
    const host = new TestHost();
    const { client, connection, heard } = await dial(host);
    client.write(bytes);
    if (bytes === GET) await heard.until(/0$/);
    const before = heard.text;
    await turns(10);
    connection.expire(inMilliseconds(30_000));
    await turns(10);
    expect(heard.ended).toBe(false);
    connection.expire(inMilliseconds(61_000));
    expect(await heard.end()).toBe(before);
    expect(host.refusals).toEqual([]);
  });

  test("a call may take as long as it likes", async () => {
    const gate = new Gate();
    const { client, connection, heard } = await dial(new TestHost(gate.answer));
    client.write(GET);
    const { answer } = await gate.until(1);
    connection.expire(inMilliseconds(1e9));
    say(answer, "late");
    gate.over();
    await heard.until(/late$/);
  });

  test("one that closes its half and never takes its leave is cut off", async () => {
    const gate = new Gate();
    const host = new TestHost(gate.answer);
    const { client, server, connection } = await dial(host);
    client.end(GET);
    await gate.until(1);
    if (!server.readableEnded) await once(server, "end");
    connection.expire(inMilliseconds(59_000));
    expect(server.destroyed).toBe(false);
    connection.expire(inMilliseconds(61_000));
    expect(server.destroyed).toBe(true);
  });

  test("one that closes its half in the middle of a body nobody reads is cut off, too", async () => {
    const gate = new Gate();
    const { client, server, connection } = await dial(new TestHost(gate.answer));
    client.end(put("hello").slice(0, -2));
    const { body } = await gate.until(1);
    if (!server.readableEnded) await once(server, "end");
    expect(body?.gone).toBe(true);
    connection.expire(inMilliseconds(61_000));
    expect(server.destroyed).toBe(true);
  });

  test("one that does not close after the last answer is closed", async () => {
    const host = new TestHost();
    const { client, server, connection, heard } = await dial(host);
    client.write(`GET /a HTTP/1.1\r\nConnection: close\r\n${HEAD}`);
    await heard.end();
    client.write(GET);
    await turns(20);
    expect([server.destroyed, host.taken.length]).toEqual([false, 1]);
    connection.expire(inMilliseconds(6_000));
    expect(server.destroyed).toBe(true);
  });
});

describe("bodies", () => {
  test("what is left of one passes, and the next request is answered", async () => {
    const host = new TestHost(async (request) => {
      if (request.body === undefined) return host.take(request);
      say(request.answer, "early");
    });
    const { client, heard } = await dial(host);
    const large = "x".repeat(300_000);
    const bytes = put(large);
    client.write(bytes.slice(0, 100));
    await heard.until(/early$/);
    client.write(bytes.slice(100));
    client.write(GET);
    expect(await heard.until(/1 GET \/a 0$/)).not.toContain("Connection: close");
  });

  test("one that does not end after its answer ends the connection", async () => {
    const host = new TestHost(async ({ answer }) => say(answer, "early"));
    const { client, server, connection, heard } = await dial(host);
    client.write(`PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${HEAD}5\r\nhello\r\n`);
    await heard.until(/early$/);
    connection.expire(inMilliseconds(9_000));
    expect(server.destroyed).toBe(false);
    connection.expire(inMilliseconds(11_000));
    expect(server.destroyed).toBe(true);
  });

  test("a broken one behind its answer ends the connection", async () => {
    const host = new TestHost(async ({ answer }) => say(answer, "early"));
    const { client, heard } = await dial(host);
    client.write(`PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${HEAD}5\r\nhello\r\n`);
    await heard.until(/early$/);
    client.write(`zz\r\n${GET}`);
    expect(await heard.end()).toMatch(/early$/);
    expect(host.refusals).toHaveLength(1);
  });

  test("no more of one is read than is asked for", async () => {
    const gate = new Gate();
    const { client, server, heard } = await dial(new TestHost(gate.answer));
    const size = 50_000_000;
    client.write(`PUT /p HTTP/1.1\r\nContent-Length: ${size}\r\n${HEAD}`);
    const piece = Buffer.alloc(1_000_000, "x");
    for (let left = size; left > 0; left -= piece.length) client.write(piece);
    const { body, answer } = await gate.until(1);
    await expect.poll(() => server.isPaused()).toBe(true);
    const before = server.bytesRead;
    await turns(50);
    expect(server.bytesRead).toBe(before);
    expect(before).toBeLessThan(200_000);
    const whole = await wholeBody(body);
    say(answer, String(whole?.length));
    gate.over();
    await heard.until(/50000000$/);
  });

  test("100 Continue is sent when the body is asked for", async () => {
    const gate = new Gate();
    const { client, heard } = await dial(new TestHost(gate.answer));
    client.write(`PUT /p HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n${HEAD}`);
    const { head, body, answer } = await gate.until(1);
    expect(head.expectsContinue).toBe(true);
    await turns(10);
    expect(heard.text).toBe("");
    answer.continue();
    const whole = wholeBody(body);
    await heard.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.write(`body${GET}`);
    expect((await whole)?.toString()).toBe("body");
    say(answer, "thanks");
    gate.over();
    await heard.until(/thanks$/);
    expect((await gate.until(2)).head.target).toBe("/a");
  });

  test("behind a refusal in place of 100 Continue, nothing is taken for a request or for a body", async () => {
    const host = new TestHost(async ({ answer }) => say(answer, "no"));
    const { client, heard } = await dial(host);
    client.write(`PUT /p HTTP/1.1\r\nContent-Length: 60\r\nExpect: 100-continue\r\n${HEAD}`);
    await heard.until(/\r\nConnection: close\r\n[^]*no$/);
    client.write(`${GET}${GET}${GET}`);
    expect(await heard.end()).toMatch(/no$/);
  });

  test("HTTP/1.0 knows no 100 Continue", async () => {
    const host = new TestHost();
    const { client, heard } = await dial(host);
    client.write("PUT /p HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody");
    expect(await heard.end()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n\r\n1 PUT \/p 4$/);
  });
});

describe("HTTP/1.0", () => {
  test("an answer of unknown length ends with the connection", async () => {
    const host = new TestHost(async ({ answer }) => {
      answer.head(200, undefined, []);
      answer.write(Buffer.from("to be "));
      answer.write(Buffer.from("continued"));
      answer.end();
    });
    const { client, heard } = await dial(host);
    client.write("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    expect(await heard.end()).toMatch(/\r\nConnection: close\r\n\r\nto be continued$/);
  });

  test("one that breaks off is no end", async () => {
    const gate = new Gate();
    const { client, heard } = await dial(new TestHost(gate.answer));
    client.write("GET / HTTP/1.0\r\n\r\n");
    const { answer } = await gate.until(1);
    answer.head(200, undefined, []);
    answer.write(Buffer.from("to be "));
    await heard.until(/to be $/);
    const broken = once(client, "error");
    answer.cut();
    gate.over();
    expect(await broken).toMatchObject([{ code: "ECONNRESET" }]);
  });
});

describe("requests ahead", () => {
  test("are paused, and answered in the end", async () => {
    const host = new TestHost();
    const slow = new Gate();
    let first = true;
    host.answer = async (request) => {
      if (first) {
        first = false;
        await slow.answer(request);
      }
      await host.take(request);
    };
    const { client, server, heard } = await dial(host);
    const each = Buffer.from(put("x".repeat(970)));
    const count = 10_000;
    for (let i = 0; i < count; i += 1) client.write(each);
    await slow.until(1);
    await expect.poll(() => server.isPaused()).toBe(true);
    const read = server.bytesRead;
    await turns(50);
    expect(server.bytesRead).toBe(read);
    expect(read).toBeLessThan(300_000);
    slow.over();
    await heard.until(new RegExp(`${count} PUT /p 970$`));
    expect(host.taken).toHaveLength(count);
  });

  test("of a client that takes no answers wait for it, and not in memory", async () => {
    let answered = 0;
    const host = new TestHost(async ({ answer }) => {
      answered += 1;
      say(answer, "x".repeat(1000));
    });
    const { client, server, connection } = await dial(host);
    client.pause();
    const many = Buffer.from(GET.repeat(1000));
    for (let i = 0; i < 100; i += 1) client.write(many);
    let last = -1;
    await expect.poll(() => last === (last = answered), { interval: 200 }).toBe(true);
    expect(answered).toBeLessThan(100_000);
    expect(server.writableLength).toBeLessThan(200_000);
    expect(server.listenerCount("drain")).toBeLessThan(3);
    connection.expire(inMilliseconds(61_000));
    expect(server.destroyed).toBe(true);
  });

  test("of one that takes them late are all answered", async () => {
    const host = new TestHost(async ({ answer, head }) => say(answer, `${"x".repeat(1000)} ${head.target}`));
    const { client, server } = await dial(host);
    client.removeAllListeners("data").pause();
    for (let i = 0; i < 20_000; i += 1) client.write(`GET /${i} HTTP/1.1\r\n${HEAD}`);
    await expect.poll(() => server.writableNeedDrain).toBe(true);
    let last = "";
    client.on("data", (piece: Buffer) => (last = (last + piece.toString()).slice(-20)));
    client.resume();
    await expect.poll(() => last).toMatch(/x \/19999$/);
  });

  test("leave no listeners behind", async () => {
    const { client, server, heard } = await dial(new TestHost());
    const counts = (): number[] => server.eventNames().map((name) => server.listenerCount(name));
    client.write(GET);
    await heard.until(/1 GET \/a 0$/);
    const before = counts();
    for (let i = 2; i < 50; i += 1) {
      client.write(put("body"));
      await heard.until(new RegExp(`${i} PUT /p 4$`));
    }
    expect(counts()).toEqual(before);
  });
});

test("what comes behind a request that ends the connection is not carried out", async () => {
  const host = new TestHost();
  const { client, heard } = await dial(host);
  client.write(`GET /a HTTP/1.1\r\nConnection: close\r\n${HEAD}${GET}`);
  expect(await heard.end()).toMatch(/1 GET \/a 0$/);
  expect(host.taken).toHaveLength(1);
});

test("an answer in full is not lost to what its client still sends", async () => {
  const host = new TestHost(async ({ answer }) => {
    answer.endConnection();
    say(answer, "x".repeat(100_000));
  });
  const { client, heard } = await dial(host);
  client.write(`PUT /p HTTP/1.1\r\nContent-Length: 50000000\r\n${HEAD}`);
  const piece = Buffer.alloc(100_000);
  for (let i = 0; i < 50; i += 1) client.write(piece);
  expect((await heard.end()).length).toBeGreaterThan(100_000);
});
