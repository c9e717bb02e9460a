import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { constants, zstdCompressSync } from "node:zlib";
import { ordinaryKinds } from "./support/call-kinds.ts";
import { Random } from "./support/random.ts";
import { makeTemplate } from "./support/template.ts";

/**
 * Makes an archive for `earlier-version.test.ts` with the version that stands in another checkout:
 *
 *     git worktree add /tmp/earlier COMMIT && (cd /tmp/earlier && npm ci)
 *     node test/crash/make-earlier-data.ts --project /tmp/earlier --to test/crash/fixtures/data-VERSION.tar.zst
 */
const { values } = parseArgs({ options: { project: { type: "string" }, to: { type: "string" } } });
const { project, to } = values;
if (project === undefined || to === undefined) throw new Error("--project CHECKOUT --to FILE");

// Small, and of all kinds but for long bodies, which are the same to the format.
const kinds = ordinaryKinds.filter(({ eventName }) => !["CreateFunction20150331", "PutObject"].includes(eventName));
const template = await makeTemplate({ random: new Random(1), answers: [10, 4, 12], project, clients: 2, kinds });
const directory = mkdtempSync(join(tmpdir(), "opentrail-earlier-"));
const acknowledged = [...template.book.calls.values()]
  .filter(({ answer, plan }) => answer !== undefined && plan !== "forged")
  .map(({ mark, kind, answer }) => ({ mark, eventName: kind.eventName, requestId: answer?.requestId }));
template.copyTo(join(directory, "data"));
template.remove();
writeFileSync(join(directory, "acknowledged.json"), JSON.stringify(acknowledged));
const tar = spawnSync("tar", ["-c", "--owner=0", "--group=0", "-C", directory, "acknowledged.json", "data"], {
  maxBuffer: 2 ** 30,
});
if (tar.status !== 0) throw new Error(`tar failed: ${tar.stderr.toString()}`);
const archive = zstdCompressSync(tar.stdout, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });
writeFileSync(to, archive);
rmSync(directory, { recursive: true });
process.stdout.write(`${to}: ${acknowledged.length} acknowledged calls, ${archive.length} bytes\n`);
