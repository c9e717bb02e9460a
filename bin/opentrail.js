#!/usr/bin/env node
// Starts OpenTrail with a Node that can run it: this one if it is new enough, else the one that package.json pins.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 24;

const source = new URL("../src/start/main.ts", import.meta.url);
const main = existsSync(source) ? source : new URL("../dist/start/main.js", import.meta.url);

if (Number(process.versions.node.split(".")[0]) >= OLDEST_NODE) {
  // Halves the time to start. Not in the system's temporary directory, where others could put code in our way.
  const cache = fileURLToPath(new URL("../node_modules/.cache/opentrail", import.meta.url));
  nodeModule.enableCompileCache(cache);
  // For the threads, which otherwise would each load what strips types from the sources: 30 MiB.
  process.env.NODE_COMPILE_CACHE ??= cache;
  await import(main.href);
} else {
  let node;
  try {
    node = nodeModule.createRequire(import.meta.url).resolve("node/bin/node");
  } catch {
    process.stderr.write(
      `OpenTrail needs Node ${OLDEST_NODE} or newer; this is ${process.version}. Its dependency "node" brings one, if npm is\n` +
        `allowed to run that package's install script; then "npm rebuild node" completes the installation.\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`Cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
