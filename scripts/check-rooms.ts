/**
 * Holds the imports of `src/` against the rooms of ARCHITECTURE.md. Fails on an import that goes against the flow, on one
 * of a driver or of the backend from outside `start/`, on a cycle (types included), and on a folder that is no room.
 * Plain text analysis: an import that this does not see, Node would not see either.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** What each room may import besides itself. */
const MAY_SEE: Readonly<Record<string, readonly string[]>> = {
  base: [],
  aws: ["base"],
  event: ["aws", "base"],
  account: ["event", "aws", "base"],
  journal: ["event", "aws", "base"],
  backend: ["aws", "base"],
  capture: ["journal", "account", "event", "aws", "base"],
  readers: ["journal", "account", "event", "aws", "base"],
  serve: ["readers", "journal", "account", "event", "aws", "base"],
  start: ["serve", "readers", "capture", "backend", "journal", "account", "event", "aws", "base"],
};

const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s[^;'"]*?from\s*["']([^"']+)["']|import\s*\(\s*["']([^"']+)["']\s*\)|^\s*import\s*["']([^"']+)["']/gm;

export interface SourceFile {
  /** Relative to the source root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every violation in `files`, as sentences; empty when the rooms are in order. */
export function checkRooms(files: readonly SourceFile[]): readonly string[] {
  const known = new Set(files.map((file) => file.path));
  const edges = new Map<string, string[]>();
  const problems: string[] = [];

  for (const file of files) {
    const room = roomOf(file.path);
    if (!(room in MAY_SEE)) problems.push(`${file.path}: "${room}" is not a room`);
    const targets: string[] = [];
    for (const match of stripComments(file.text).matchAll(IMPORT)) {
      const specifier = match[1] ?? match[2] ?? match[3] ?? "";
      if (!specifier.startsWith(".")) continue;
      const target = join(dirname(file.path), specifier).replaceAll("\\", "/");
      if (!known.has(target)) {
        if (specifier.endsWith(".ts")) problems.push(`${file.path}: imports ${specifier}, which does not exist`);
        continue;
      }
      targets.push(target);
      problems.push(...judge(file.path, target));
    }
    edges.set(file.path, targets);
  }
  for (const cycle of cycles(edges)) problems.push(`import cycle: ${cycle.join(" → ")}`);
  return problems;
}

function judge(from: string, to: string): readonly string[] {
  const problems: string[] = [];
  const [fromRoom, toRoom] = [roomOf(from), roomOf(to)];
  if (fromRoom !== toRoom && !(MAY_SEE[fromRoom] ?? []).includes(toRoom)) {
    problems.push(`${from}: ${fromRoom} may not see ${toRoom} (${to}); inject it from start/ or move the shared part down`);
  }
  const driver = /^(.*?\/drivers\/[^/]+)/.exec(to)?.[1];
  if (driver !== undefined && fromRoom !== "start" && !from.startsWith(driver)) {
    problems.push(`${from}: only start/ may choose a driver (${to})`);
  }
  return problems;
}

function roomOf(path: string): string {
  return path.split("/")[0] ?? "";
}

function stripComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

/** Each cycle once, by depth-first search. */
function cycles(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const done = new Set<string>();
  const found: string[][] = [];
  const path: string[] = [];
  const visit = (node: string): void => {
    const at = path.indexOf(node);
    if (at >= 0) {
      found.push([...path.slice(at), node]);
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of edges.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of edges.keys()) visit(node);
  return found;
}

/** All sources below `root`, tests and contract suites left out: those may pick drivers. */
export function readSources(root: string): readonly SourceFile[] {
  const files: SourceFile[] = [];
  const walk = (directory: string): void => {
    for (const name of readdirSync(directory).toSorted()) {
      const path = join(directory, name);
      if (statSync(path).isDirectory()) walk(path);
      else if (name.endsWith(".ts") && !/\.(test|test-support|contract)\.ts$/.test(name)) {
        files.push({ path: relative(root, path).replaceAll("\\", "/"), text: readFileSync(path, "utf8") });
      }
    }
  };
  walk(root);
  return files;
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, "..", "src");
  const files = readSources(root);
  const problems = checkRooms(files);
  for (const problem of problems) console.error(problem);
  console.log(`rooms: ${files.length} files, ${problems.length} problems`);
  if (problems.length > 0 || files.length === 0) process.exitCode = 1;
}
