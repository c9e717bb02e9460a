import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const WRITING =
  "write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,sync_file_range,ftruncate,truncate,fallocate,rename,renameat,renameat2,mkdir,mkdirat,openat,link,linkat,copy_file_range".split(
    ",",
  );
const OTHER =
  "read,pread64,readv,preadv,preadv2,close,fstat,newfstatat,stat,lstat,statx,access,faccessat,faccessat2,unlink,unlinkat,rmdir,getdents64,lseek,fcntl,statfs,fstatfs".split(
    ",",
  );

/** One system call on one file of the data directory, the nth of its kind there. */
export interface Fault {
  readonly call: string;
  /** Below the data directory; empty for itself. */
  readonly path: string;
  readonly nth: number;
  readonly error: "EIO" | "ENOSPC";
}

export const describeFault = ({ call, path, nth, error }: Fault): string => `${error} at ${call} ${nth} of ${path || "."}`;

/** Whether strace runs here and may trace. With `OPENTRAIL_PEERS=required` it must. */
export function canTrace(): boolean {
  const { status, stderr } = spawnSync("strace", ["-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=close", "true"], {
    encoding: "utf8",
  });
  if (status === 0) return true;
  const hint = `strace cannot trace here (${(stderr ?? "not installed").trim()}); on Debian it is the package strace`;
  if (process.env["OPENTRAIL_PEERS"] === "required") throw new Error(hint);
  process.stderr.write(`skipped: ${hint}\n`);
  return false;
}

/** As little in the way of the traced process as can be: it keeps its own process id, and stops at those calls alone. */
const tracer = (log: string): readonly string[] => ["strace", "-D", "-f", "-y", "-s", "0", "-qq", "--seccomp-bpf", "-o", log];

/** Notes every file-related call. */
export function tracing(log: string): readonly string[] {
  return [...tracer(log), "-e", `trace=${[...WRITING, ...OTHER].join(",")}`];
}

/** Lets one call fail without being carried out. */
export function injecting(log: string, dataDir: string, { call, path, nth, error }: Fault): readonly string[] {
  const file = path === "" ? dataDir : `${dataDir}/${path}`;
  return [...tracer(log), "-P", file, "-e", `trace=${call}`, "-e", `inject=${call}:error=${error}:when=${nth}`];
}

/** Every way in which one of the calls that a trace shows can fail. */
export function faultsOf(log: string, dataDir: string): readonly Fault[] {
  const most = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const line of readFileSync(log, "latin1").split("\n")) {
    const match = /^(\d+) +(\w+)\((.*)$/.exec(line);
    if (match === null) continue;
    const [, thread, call = "", rest = ""] = match;
    const files = new Set([...rest.matchAll(/[<"](\/[^>"]*)[>"]/g)].map((found) => found[1] ?? ""));
    for (const file of files) {
      if (file !== dataDir && !file.startsWith(`${dataDir}/`)) continue;
      // Counted by strace for each thread.
      const key = `${call} ${relative(dataDir, file)}`;
      const count = (counts.get(`${thread} ${key}`) ?? 0) + 1;
      counts.set(`${thread} ${key}`, count);
      most.set(key, Math.max(most.get(key) ?? 0, count));
    }
  }
  const faults: Fault[] = [];
  for (const [key, count] of most) {
    const [call = "", path = ""] = key.split(" ");
    for (let nth = 1; nth <= count; nth++) {
      faults.push({ call, path, nth, error: "EIO" });
      if (WRITING.includes(call)) faults.push({ call, path, nth, error: "ENOSPC" });
    }
  }
  return faults;
}

export const wasInjected = (log: string): boolean => readFileSync(log, "latin1").includes("(INJECTED)");
