import { existsSync } from "node:fs";
import { checkSqlite } from "../../base/check-sqlite.ts";
import { type Finding, RESTORE } from "../../base/finding.ts";
import { readKeyFile } from "../../base/key-file.ts";
import { Seal } from "../../base/seal.ts";
import { IDENTITIES_FILE, IDENTITIES_KEY_FILE, IDENTITIES_SEAL } from "./create-identities.ts";
import { IdentityStore } from "./identity-store.ts";
import { join } from "node:path";

export interface IdentitiesCheck {
  readonly identities: number;
  readonly findings: readonly Finding[];
}

const REMEDY = `${RESTORE}; or move it away: OpenTrail begins without learned identities and learns them anew`;

/** Opens the seal of every learned identity of a data directory that nobody uses. Never throws for what the files hold. */
export function verifyIdentities(dataDir: string): IdentitiesCheck {
  const [file, keyFile] = [join(dataDir, IDENTITIES_FILE), join(dataDir, IDENTITIES_KEY_FILE)];
  if (!existsSync(file)) return { identities: 0, findings: [] };
  const found = checkSqlite(file);
  if (found.length > 0) return { identities: 0, findings: found.map((finding) => ({ ...finding, remedy: REMEDY })) };
  if (!existsSync(keyFile)) {
    return {
      identities: 0,
      findings: [{ file: keyFile, what: "the key is missing that the identities rest under", remedy: REMEDY }],
    };
  }
  let store: IdentityStore | undefined;
  try {
    store = new IdentityStore(file, new Seal(readKeyFile(keyFile), IDENTITIES_SEAL));
    return { identities: store.load().length, findings: [] };
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const where = what.startsWith(keyFile) ? keyFile : file;
    return {
      identities: 0,
      findings: [{ file: where, what: what.replace(`${where}: `, ""), remedy: `${REMEDY}. Its key is ${keyFile}` }],
    };
  } finally {
    store?.close();
  }
}
