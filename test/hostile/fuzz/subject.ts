import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenTrailProcess, startOpenTrail } from "../../support/opentrail-process.ts";
import { startStrictUpstream, type StrictUpstream } from "../support/strict-upstream.ts";
import { answerTo } from "./answers.ts";
import { realRequests } from "./corpus.ts";
import type { Workshop } from "./script.ts";
import { FUZZ_KEY, FUZZ_SECRET, signDraft } from "./sign.ts";

/** What stands behind, and, for `verify`, that signatures are checked: the scripts' honest requests are then signed for the most part. */
export const BACKENDS = ["upstream", "embedded", "verify"] as const;
export type Backend = (typeof BACKENDS)[number];

/** The OpenTrail that is fuzzed, with what it needs around it. */
export interface Subject {
  readonly trail: OpenTrailProcess;
  readonly upstream: StrictUpstream;
  readonly workshop: Workshop;
  close(): Promise<void>;
}

/** @param id of the answer to the request of that number. */
export async function startSubject(backend: Backend, seed: number, id: (number: number) => string): Promise<Subject> {
  const corpus = await realRequests();
  const upstream = await startStrictUpstream((arrival) => answerTo(arrival, id(arrival.number)), false);
  const flags = ["--history-data-events", "--log-level", "error"];
  if (backend !== "embedded") flags.push("--upstream", upstream.url);
  if (backend === "verify") {
    const config = join(mkdtempSync(join(tmpdir(), "opentrail-config-")), "opentrail.yaml");
    writeFileSync(
      config,
      `auth: { mode: verify }
capture: { recordUnauthenticated: true }
accounts:
  - id: "111122223333"
    users: [{ name: fuzz, accessKeys: [{ id: ${FUZZ_KEY}, secret: ${FUZZ_SECRET} }], policies: ["arn:aws:iam::aws:policy/AdministratorAccess"] }]
`,
    );
    flags.push("--config", config);
  }
  const trail = await startOpenTrail({ flags });
  const finish = backend === "verify" ? { finish: (draft: Parameters<typeof signDraft>[0]) => signDraft(draft, new Date()) } : {};
  return {
    trail,
    upstream,
    workshop: { seed, corpus, ...finish },
    async close() {
      await trail.remove();
      await upstream.close();
    },
  };
}
