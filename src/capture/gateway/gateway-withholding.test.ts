import { request as httpRequest } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import {
  call,
  closeBenches,
  iamForm,
  jsonTarget,
  oneRecord,
  RawConnection,
  s3Head,
  signed,
  startBench,
} from "./gateway-bench.test-support.ts";

afterEach(closeBenches);

/** A gate that the test opens or spoils. */
function gate() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {});
  return { promise, open: resolve, spoil: () => reject(new Error("the disk is full")) };
}

describe("the answer waits for the event", () => {
  test("whole, when it is short", async () => {
    const bench = await startBench({ peer: (message, response) => message.resume().on("end", () => response.end("short")) });
    const { promise, open } = gate();
    bench.recorder.gate = () => promise;
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    await bench.recorder.atLeast(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(connection.text).toBe("");
    open();
    expect(await connection.until(/short/)).toMatch(/^HTTP\/1.1 200 OK/);
    connection.socket.destroy();
    await oneRecord(bench);
  });

  test.each([
    ["with a length", { "content-length": String(3 * 1024 * 1024) }],
    ["chunked", {}],
  ])("all but its end, when it is long, %s", async (_name, headers) => {
    const size = 3 * 1024 * 1024;
    const bench = await startBench({
      peer: (message, response) =>
        message.resume().on("end", () => response.writeHead(200, headers).end(Buffer.alloc(size, "x"))),
    });
    const { promise, open } = gate();
    bench.recorder.gate = () => promise;
    let received = 0;
    let ended = false;
    const finished = Promise.withResolvers<void>();
    httpRequest({ host: "127.0.0.1", port: bench.port, path: "/b/k", agent: false, headers: signed("s3") }, (message) => {
      message.on("data", (chunk: Buffer) => (received += chunk.length));
      message.on("end", () => {
        ended = true;
        finished.resolve();
      });
    }).end();
    await bench.recorder.atLeast(1);
    await expect.poll(() => received).toBeGreaterThan(size / 2);
    expect(received).toBeLessThan(size);
    expect(ended).toBe(false);
    open();
    await finished.promise;
    expect(received).toBe(size);
    await oneRecord(bench);
  });

  test("of a stream of events, the end of the message alone", async () => {
    const bench = await startBench({
      peer: (message, response) => {
        message.resume();
        response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
        response.write("first");
        message.socket.once("more", () => response.end("last"));
        (bench.upstream as unknown as { more: () => void }).more = () => message.socket.emit("more");
      },
    });
    const { promise, open } = gate();
    bench.recorder.gate = () => promise;
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("POST /b/k?select&select-type=2 HTTP/1.1", "Content-Length: 0"));
    await connection.until(/first/);
    (bench.upstream as unknown as { more: () => void }).more();
    await bench.recorder.atLeast(1);
    expect(await connection.until(/last\r\n$/)).not.toMatch(/\r\n0\r\n/);
    open();
    await connection.until(/\r\n0\r\n\r\n$/);
    connection.socket.destroy();
    await oneRecord(bench);
  });

  test("and is replaced when there is no event", async () => {
    const bench = await startBench({
      peer: (message, response) => message.resume().on("end", () => response.end(`{"Plaintext":"c2VjcmV0"}`)),
    });
    const { promise, spoil } = gate();
    bench.recorder.gate = () => promise;
    spoil();
    const json = await call(bench.port, { method: "POST", path: "/", headers: jsonTarget("kms", "TrentService.Decrypt") }, "{}");
    expect(json.status).toBe(503);
    expect(JSON.parse(json.body.toString())).toEqual({
      __type: "ServiceUnavailable",
      message: expect.stringMatching(/^Audit recording is unavailable\..*withheld.*the disk is full/) as string,
    });
    expect(bench.metrics.counts.get("unrecorded record-failed")).toBe(1);
    const xml = await call(bench.port, { path: "/b/k", headers: signed("s3") });
    expect(xml.body.toString()).toMatch(/<Code>ServiceUnavailable<\/Code><Message>Audit recording is unavailable\./);
    const head = await call(bench.port, { method: "HEAD", path: "/b/k", headers: signed("s3") });
    expect([head.status, head.body.length]).toEqual([503, 0]);
  });

  test("and is cut when it has begun", async () => {
    const bench = await startBench({
      peer: (message, response) => message.resume().on("end", () => response.end(Buffer.alloc(3 * 1024 * 1024))),
    });
    const { promise, spoil } = gate();
    bench.recorder.gate = () => promise;
    spoil();
    await expect(call(bench.port, { path: "/b/k", headers: signed("s3") })).rejects.toThrow();
    await bench.metrics.idle(1);
    expect(bench.metrics.counts.get("finished s3 withheld")).toBe(1);
  });

  test("unless recording is a best effort", async () => {
    const bench = await startBench({ recording: "best-effort" });
    const { promise, spoil } = gate();
    bench.recorder.gate = () => promise;
    bench.recorder.admission = () => promise;
    spoil();
    expect((await call(bench.port, { path: "/b/k", headers: signed("s3") })).body.toString()).toBe("ok");
    expect(bench.metrics.counts.get("unrecorded record-failed")).toBe(1);
  });

  test("what cannot be recorded is refused before it leaves", async () => {
    let arrived = 0;
    const bench = await startBench({
      peer: (_message, response) => {
        arrived += 1;
        response.end();
      },
    });
    bench.recorder.admission = async () => {
      throw new Error("the disk is full");
    };
    const answer = await call(
      bench.port,
      { method: "POST", path: "/", headers: iamForm },
      "Action=DeleteUser&Version=2010-05-08&UserName=x",
    );
    expect(answer.status).toBe(503);
    expect(answer.body.toString()).toMatch(
      /<Code>ServiceUnavailable<\/Code><Message>Audit recording is unavailable\. The call was not carried out/,
    );
    expect(arrived).toBe(0);
    expect(bench.recorder.calls).toEqual([]);
    expect(bench.metrics.counts.get("refused")).toBe(1);
    bench.recorder.selects = () => false;
    expect((await call(bench.port, { path: "/b/k", headers: signed("s3") })).status).toBe(200);
  });
});
