import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PORT = 54_329;
const PROGRAMS = "/usr/lib/postgresql";

/** PostgreSQL as a journal: one table, a row and a commit for each append, `synchronous_commit` on, driven by its own pgbench. */
export interface Postgres {
  /** Appends a second, and the mean microseconds of one. */
  appends(producers: number, seconds: number): { readonly perSecond: number; readonly mean: number };
  stop(): Promise<void>;
}

/** Undefined where no PostgreSQL is installed. */
export async function startPostgres(root: string, entryBytes: number): Promise<Postgres | undefined> {
  const version = existsSync(PROGRAMS) ? readdirSync(PROGRAMS).toSorted().at(-1) : undefined;
  if (version === undefined) return undefined;
  const program = (name: string): string => join(PROGRAMS, version, "bin", name);
  const directory = join(root, "postgres");
  mkdirSync(directory);
  // PostgreSQL does not run as root.
  const user = process.getuid?.() === 0 ? { uid: id("-u"), gid: id("-g") } : {};
  if (user.uid !== undefined && user.gid !== undefined) {
    chmodSync(root, 0o755);
    chownSync(directory, user.uid, user.gid);
  }
  const options = { ...user, cwd: directory, stdio: ["ignore", "ignore", "ignore"] as const };
  const data = join(directory, "data");
  execFileSync(program("initdb"), ["-D", data, "-A", "trust", "-U", "bench"], { ...options, stdio: "ignore" });
  const settings = {
    port: PORT,
    max_connections: 600,
    unix_socket_directories: directory,
    shared_buffers: "512MB",
    listen_addresses: "",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server: ChildProcess = spawn(program("postgres"), ["-D", data, ...flags], { ...options, stdio: "ignore" });
  const connection = ["-h", directory, "-p", String(PORT), "-U", "bench"];
  const sql = (text: string): unknown =>
    execFileSync(program("psql"), [...connection, "-qc", text, "postgres"], { stdio: "ignore" });
  for (let attempt = 0; ; attempt += 1) {
    try {
      sql("SELECT 1");
      break;
    } catch (error) {
      if (attempt > 100 || server.exitCode !== null) throw error;
      await sleep(100);
    }
  }
  sql("CREATE TABLE journal (position bigserial PRIMARY KEY, kind text, body text)");
  const script = join(directory, "append.sql");
  writeFileSync(script, `INSERT INTO journal (kind, body) VALUES ('event', '${"x".repeat(Math.round(entryBytes))}');\n`);
  return {
    appends(producers, seconds) {
      const load = ["-n", "-M", "prepared", "-f", script, "-c", String(producers), "-j", "2", "-T", String(seconds), "postgres"];
      const printed = execFileSync(program("pgbench"), [...connection, ...load], {
        stdio: ["ignore", "pipe", "ignore"],
      }).toString();
      const figure = (pattern: RegExp): number => Number(pattern.exec(printed)?.[1] ?? Number.NaN);
      return { perSecond: figure(/^tps = ([\d.]+)/m), mean: figure(/^latency average = ([\d.]+)/m) * 1000 };
    },
    async stop() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGINT");
      await ended;
    },
  };
}

function id(which: "-u" | "-g"): number {
  return Number(execFileSync("id", [which, "postgres"]).toString());
}
