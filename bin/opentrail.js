#!/usr/bin/env node
// Starts OpenTrail with a Node that can run it: this one if it is new enough, else the one that package.json pins.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 24;

const source = new URL("../src/start/main.ts", import.meta.url);
const main = existsSync(source) ? source : new URL("../dist/start/main.js", import.meta.url);

if (Number(process.versions.node.split(".")[0]) >= OLDEST_NODE) {
  await import(main.href);
} else {
  let node;
  try {
    node = createRequire(import.meta.url).resolve("node/bin/node");
  } catch {
    console.error(`OpenTrail needs Node ${OLDEST_NODE} or newer; this is ${process.version}. Install its dependencies (npm ci) to get one.`);
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
