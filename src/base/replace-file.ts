import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Puts `content` in the place of the file at `path`, or makes it, for its owner alone. After a crash at any moment the file
 * is the old one or the new one, whole; the new one once this has resolved. One at a time for each path.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  // Windows cannot open a directory; there, names are durable with the file system's own journal.
  if (process.platform === "win32") return;
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
