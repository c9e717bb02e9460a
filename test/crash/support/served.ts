import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const PROJECT = resolve(import.meta.dirname, "../../..");
const READY = /OpenTrail is ready at (\S+)/;

export interface ServeOptions {
  readonly dataDir: string;
  readonly flags?: readonly string[];
  /** 0 lets the system choose. */
  readonly port?: number;
  /** A program and its arguments that run it: `strace …`. MUST leave it the process that was started. */
  readonly wrapper?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Root of the project that is run; default: this one. */
  readonly project?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `opentrail serve` from the moment on at which it is started: it may be ended at any time, ready or not. */
export interface Served {
  readonly pid: number;
  /** Undefined where it ended before. */
  readonly ready: Promise<string | undefined>;
  readonly ended: Promise<Exit>;
  /** Undefined while it runs. */
  readonly exit: Exit | undefined;
  /** Process ids of the capture processes, where it has any. Linux alone tells. */
  processes(): readonly number[];
  /** What it wrote to standard error. */
  log(): string;
  signal(signal: NodeJS.Signals): void;
  /** Ends it at once; resolves when it is gone. */
  kill(): Promise<void>;
}

const running = new Set<number>();
process.once("exit", () => {
  for (const pid of running) process.kill(pid, "SIGKILL");
});

export function serve(options: ServeOptions): Served {
  const { dataDir, port = 0, flags = [], wrapper = [], project = PROJECT } = options;
  const listen = ["--listen", `127.0.0.1:${port}`, "--data-dir", dataDir, "--log-level", "warn"];
  const [program = "", ...rest] = [
    ...wrapper,
    process.execPath,
    resolve(project, "bin/opentrail.js"),
    "serve",
    ...listen,
    ...flags,
  ];
  const child = spawn(program, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "production", ...options.environment },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} could not be started`);
  running.add(pid);
  let log = "";
  let out = "";
  let exit: Exit | undefined;
  child.stderr.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-1_000_000);
  });
  const ended = new Promise<Exit>((done) => {
    child.once("close", (code, signal) => {
      exit = { code, signal };
      running.delete(pid);
      done(exit);
    });
  });
  const ready = new Promise<string | undefined>((done) => {
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const url = READY.exec(out)?.[1];
      if (url !== undefined) done(url);
    });
    child.once("close", () => done(undefined));
  });
  return {
    pid,
    ready,
    ended,
    get exit() {
      return exit;
    },
    processes: () => childrenOf(pid),
    log: () => log,
    signal: (signal) => void child.kill(signal),
    async kill() {
      // Also where it stands still.
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
