import { spawnSync } from "node:child_process";

/** Whether this system can change another process's limits. */
export const canLimitFileSize = spawnSync("prlimit", ["--version"]).status === 0;

/**
 * The largest file that a running process may write, in octets: beyond it the system refuses each write with EFBIG, as a full
 * disk does with ENOSPC. `undefined` lifts the limit.
 */
export function limitFileSize(pid: number, octets: number | undefined): void {
  const { status, stderr } = spawnSync("prlimit", ["--pid", String(pid), `--fsize=${octets ?? "unlimited"}:`], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`prlimit failed: ${stderr}`);
}
