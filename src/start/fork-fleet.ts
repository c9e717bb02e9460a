import { availableParallelism } from "node:os";
import type { CaptureFleet } from "./capture-fleet.ts";
import type { Config } from "./config.ts";

/** The capture processes, started; undefined where this process captures by itself. */
export async function forkFleet({ capture }: Config): Promise<CaptureFleet | undefined> {
  const processes = capture.processes === "auto" ? Math.min(64, availableParallelism()) : capture.processes;
  if (processes === 1) return undefined;
  // Imported only when wanted: one process has nothing of it.
  const { CaptureFleet } = await import("./capture-fleet.ts");
  return new CaptureFleet(processes);
}
