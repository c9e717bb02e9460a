import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { StartError } from "./start-error.ts";

/** 32 characters carry 128 bits and more, whatever they are written in. */
const LEAST_LENGTH = 32;
const MOST_LENGTH = 1024;

/**
 * The operator's token: the one line of the file. A file that does not exist is made, for its owner alone. Throws `StartError`
 * for one that others may read, or whose token is too short or no token.
 */
export function readOperatorToken(path: string): string {
  const made = make(path);
  if (made !== undefined) return made;
  const descriptor = openSync(path, "r");
  try {
    const { mode } = fstatSync(descriptor);
    if ((mode & 0o077) !== 0 && process.platform !== "win32")
      throw new StartError(`${path} can be read by others (mode ${(mode & 0o777).toString(8)}): run chmod 600 on it`);
    const token = readFileSync(descriptor, "utf8").trim();
    if (!/^[\w.~+/=-]+$/.test(token) || token.length < LEAST_LENGTH || token.length > MOST_LENGTH) {
      throw new StartError(
        `${path} must hold a token: one line of ${LEAST_LENGTH} to ${MOST_LENGTH} letters, digits or any of _.~+/=- (remove it, and one is made)`,
      );
    }
    return token;
  } finally {
    closeSync(descriptor);
  }
}

/** Undefined where the file is there already. */
function make(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx", 0o600);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  }
  try {
    const token = randomBytes(32).toString("base64url");
    writeSync(descriptor, `${token}\n`);
    fsyncSync(descriptor);
    return token;
  } finally {
    closeSync(descriptor);
  }
}
