import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadCatalogue } from "../src/aws/catalogue/catalogue.ts";
import type { Member, Shape } from "../src/aws/catalogue/model.ts";

/**
 * How large the catalogue's data is, and what a start pays for it.
 *
 *     node bench/catalogue.ts
 *
 * Each figure is the median of 20 fresh processes, in milliseconds, without the loading of the modules themselves.
 */
const runs = 20;
const data = new URL("../src/aws/catalogue/data/", import.meta.url);

interface Timings {
  /** Until every service can be found. */
  readonly load: number;
  /** From there until the members of the largest service's RunInstances can be read: its file is opened for the first time. */
  readonly firstShape: number;
  /** From there until every shape of that service is built. */
  readonly everyShape: number;
}

if (process.argv[2] === "once") console.log(JSON.stringify(once()));
else report();

function once(): Timings {
  const start = performance.now();
  const catalogue = loadCatalogue();
  const ec2 = catalogue.service("ec2");
  const loaded = performance.now();
  const members = ec2?.operation("RunInstances")?.input?.members.size;
  const first = performance.now();
  if (ec2 === undefined || members === undefined) throw new Error("the catalogue has no RunInstances");
  const seen = new Set<Shape>();
  for (const name of ec2.operationNames) {
    const operation = ec2.operation(name);
    if (operation?.input !== undefined) build(operation.input, seen);
    if (operation?.output !== undefined) build(operation.output, seen);
  }
  return { load: loaded - start, firstShape: first - loaded, everyShape: performance.now() - first };
}

function build(shape: Shape, seen: Set<Shape>): void {
  if (seen.has(shape)) return;
  seen.add(shape);
  for (const member of membersOf(shape)) build(member.target, seen);
}

function membersOf(shape: Shape): Iterable<Member> {
  if (shape.kind === "structure") return shape.members.values();
  if (shape.kind === "list") return [shape.member];
  return shape.kind === "map" ? [shape.key, shape.value] : [];
}

function report(): void {
  const sizes = readdirSync(data).map((name) => ({ name, bytes: statSync(new URL(name, data)).size }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const { services } = loadCatalogue();
  const operations = services.reduce((sum, service) => sum + service.operationNames.length, 0);
  console.log(`${services.length} services, ${operations} operations`);
  console.log(`${sizes.length} files, ${(total / 1e6).toFixed(2)} MB`);
  for (const { name, bytes } of sizes.toSorted((a, b) => b.bytes - a.bytes).slice(0, 3)) {
    console.log(`  ${name} ${(bytes / 1e3).toFixed(0)} kB`);
  }
  const timings = Array.from({ length: runs }, fresh);
  for (const key of ["load", "firstShape", "everyShape"] as const) {
    const sorted = timings.map((each) => each[key]).toSorted((a, b) => a - b);
    console.log(`${key.padEnd(10)} median ${sorted[runs / 2]?.toFixed(1)} ms, worst ${sorted.at(-1)?.toFixed(1)} ms`);
  }
}

function fresh(): Timings {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "once"], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as Timings;
}
