import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { until } from "./opentrail-process.ts";
import { peer } from "./peers.ts";

export interface MotoServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A fresh moto in server mode on loopback: an AWS backend that is not ours. */
export async function startMoto(): Promise<MotoServer> {
  const program = peer("moto_server");
  if (program === undefined) throw new Error("moto_server is missing");
  const port = await freePort();
  const child = spawn(program, ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
    env: { ...process.env, MOTO_IAM_LOAD_MANAGED_POLICIES: "true" },
  });
  const url = `http://127.0.0.1:${port}`;
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`moto_server ended with ${child.exitCode}`);
      return (await fetch(`${url}/moto-api/data.json`).catch(() => undefined))?.ok === true ? true : undefined;
    },
    "moto_server to answer",
    60_000,
  );
  return {
    url,
    async stop() {
      await new Promise<void>((done) => {
        child.once("exit", () => done());
        child.kill("SIGKILL");
      });
    },
  };
}

async function freePort(): Promise<number> {
  return await new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
