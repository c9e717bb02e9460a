import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Resident memory of a process, in megabytes (10⁶ octets). */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kilobytes ?? Number.NaN) * 1024) / 1e6;
}

/** Open files, sockets among them. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Milliseconds that the process's first thread has been on a processor. */
export function mainThreadMilliseconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}

/** Watches the most that a process takes; `stop` answers it, in megabytes. Ends with the process. */
export function watchMemory(pid: number): { most(): number; stop(): number } {
  let most = residentMegabytes(pid);
  const timer = setInterval(() => {
    if (existsSync(`/proc/${pid}/status`)) most = Math.max(most, residentMegabytes(pid));
    else clearInterval(timer);
  }, 100);
  return {
    most: () => most,
    stop() {
      clearInterval(timer);
      return Math.max(most, residentMegabytes(pid));
    },
  };
}
