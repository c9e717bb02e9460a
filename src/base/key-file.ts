import { randomBytes, randomUUID } from "node:crypto";
import { closeSync, existsSync, fstatSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectory, syncDirectory } from "./sync-directory.ts";

/** A key file cannot be used. The message names the file and what to do; it never quotes the content. */
export class KeyFileError extends Error {
  override name = "KeyFileError";
}

const HEADER = "opentrail-key-1";
const KEY_BYTES = 32;

/**
 * The 32 secret bytes in the file at `path`. A file that does not exist is made, for its owner alone (mode 0600), and is on the disk
 * before this returns: what is sealed under a key must not outlive it. Throws `KeyFileError` for a file that others may read or
 * that holds something else, and where the file system fails.
 */
export function readKeyFile(path: string): Uint8Array {
  try {
    return makeKeyFile(path) ?? readExisting(path);
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    throw new KeyFileError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function readExisting(path: string): Uint8Array {
  const descriptor = openSync(path, "r");
  try {
    const { mode } = fstatSync(descriptor);
    if ((mode & 0o077) !== 0 && process.platform !== "win32") {
      throw new KeyFileError(`${path} can be read by others (mode ${(mode & 0o777).toString(8)}): run chmod 600 on it`);
    }
    const [header, encoded = "", ...rest] = readFileSync(descriptor, "utf8").trimEnd().split("\n");
    const key = Buffer.from(encoded, "base64");
    if (header !== HEADER || rest.length > 0 || key.length !== KEY_BYTES || key.toString("base64") !== encoded) {
      throw new KeyFileError(`${path} is not a key file: restore the one that belongs to this data directory`);
    }
    return key;
  } finally {
    closeSync(descriptor);
  }
}

/** Undefined where the file is there already. It appears under its name only when it is whole. */
function makeKeyFile(path: string): Uint8Array | undefined {
  if (existsSync(path)) return undefined;
  makeDirectory(dirname(path));
  const key = randomBytes(KEY_BYTES);
  const draft = `${path}.${randomUUID()}`;
  const descriptor = openSync(draft, "wx", 0o600);
  try {
    writeSync(descriptor, `${HEADER}\n${key.toString("base64")}\n`);
    fsyncSync(descriptor);
    linkSync(draft, path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  } finally {
    closeSync(descriptor);
    unlinkSync(draft);
  }
  syncDirectory(dirname(path));
  return key;
}
