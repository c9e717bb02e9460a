import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { awsCli } from "../support/aws-cli.ts";
import { startMoto } from "../support/moto-server.ts";
import { startOpenTrail } from "../support/opentrail-process.ts";
import { peer } from "../support/peers.ts";

const ACCOUNT = "123456789012";
const missing = ["aws", "moto_server"].some((name) => peer(name) === undefined);

describe.skipIf(missing)("through OpenTrail and past it", () => {
  test("the same AWS CLI calls print the same", { timeout: 900_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), "opentrail-tour-"));
    const files = { FILE: join(directory, "small"), BIG: join(directory, "big"), BACK: join(directory, "back") };
    writeFileSync(files.FILE, "a small file\n".repeat(10));
    writeFileSync(files.BIG, Buffer.alloc(12 * 1024 * 1024, "0123456789abcdef"));

    const direct = await startMoto();
    const behind = await startMoto();
    const trail = await startOpenTrail({ flags: ["--upstream", behind.url, "--account-id", ACCOUNT] });
    try {
      // With the same seed both make the same ids up.
      for (const moto of [direct, behind]) await fetch(`${moto.url}/moto-api/seed?a=7`, { method: "POST" });
      const past = awsCli({ endpoint: direct.url });
      const through = awsCli({ endpoint: trail.url });
      const [expected, found]: [object[], object[]] = [[], []];
      for (const line of tour()) {
        const words = line.split(" ").map((word) => expand(word, files));
        const [alone, recorded] = await Promise.all([past(...words), through(...words)]);
        const what = words.slice(0, 2).join(" ");
        expected.push({ what, ...normal(alone, direct.url) });
        found.push({ what, ...normal(recorded, trail.url) });
      }
      expect(found).toEqual(expected);
      expect(found.length).toBeGreaterThan(80);
      expect(readFileSync(files.BACK).equals(readFileSync(files.BIG))).toBe(true);

      // Every one of them was recognised and recorded.
      const status = await trail.get<{ calls: Record<string, number> }>("status");
      expect(status.calls["notRecorded"]).toBe(0);
      const sources = new Set((await trail.events()).map((record) => record["eventSource"]));
      expect(sources.size).toBeGreaterThan(35);
    } finally {
      await trail.remove();
      await direct.stop();
      await behind.stop();
    }
  });
});

function tour(): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, "scripts/tour.txt"), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function expand(word: string, files: Readonly<Record<string, string>>): string {
  return word
    .replace(/\$([A-Z]+)/g, (_whole, name: string) => (name === "ACCOUNT" ? ACCOUNT : (files[name] ?? "")))
    .replaceAll("\\u0020", " ");
}

/** What was printed, without what differs between two runs of the same backend: times, signatures, and its address. */
function normal(ran: { status: number; stdout: string; stderr: string }, endpoint: string): object {
  const plain = (text: string): string =>
    text
      .replaceAll(new URL(endpoint).host, "HOST")
      .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?/g, "TIME")
      .replaceAll(/\b\d{10}(\d{3}|\.\d+)?\b/g, "TIME")
      .replaceAll(/X-Amz-(Date|Signature|Credential)=[^&\s]+/g, "X-Amz-$1=…")
      .replaceAll(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, "TIME");
  return { status: ran.status, stdout: plain(ran.stdout), stderr: plain(ran.stderr) };
}
