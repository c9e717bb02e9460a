import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeTrailStore } from "../../trail-store.contract.ts";
import { openTrailStore } from "./open-trail-store.ts";

const root = mkdtempSync(join(tmpdir(), "opentrail-trails-"));

describeTrailStore(
  async () => openTrailStore(join(root, "account", "trails.db")),
  async () => rmSync(root, { recursive: true, force: true }),
);
