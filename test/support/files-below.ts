import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Every file below a directory, with its bytes. */
export function filesBelow(directory: string): readonly { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const found = statSync(path);
    if (found.isDirectory()) return filesBelow(path);
    // Sockets hold nothing.
    return found.isFile() ? [{ path, bytes: readFileSync(path) }] : [];
  });
}
