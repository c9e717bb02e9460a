import { parseArgs } from "node:util";
import { replay } from "./replay.ts";
import { runFuzz } from "./run-fuzz.ts";
import { BACKENDS } from "./subject.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    connections: { type: "string", default: "64" },
    backend: { type: "string", default: "upstream" },
    from: { type: "string", default: "0" },
    solo: { type: "string" },
    only: { type: "string", multiple: true },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seed = Number(values.seed);
const backend = BACKENDS.find((each) => each === values.backend);
if (backend === undefined) throw new Error(`--backend is one of ${BACKENDS.join(", ")}`);

if (values.only !== undefined) {
  await replay(seed, values.only.map(Number), backend, say);
} else {
  const report = await runFuzz({
    requests: Number(values.requests),
    seed,
    connections: Number(values.connections),
    backend,
    from: Number(values.from),
    ...(values.solo === undefined ? {} : { solo: Number(values.solo) }),
    say,
  });
  say(JSON.stringify(report, undefined, 2));
  if (report.findings.length > 0) process.exitCode = 1;
}
