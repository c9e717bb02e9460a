import { existsSync } from "node:fs";
import { join } from "node:path";
import { readKeyFile } from "../base/key-file.ts";
import { Seal } from "../base/seal.ts";

/** In the data directory: what the keys that sign digests rest under. */
export const DELIVERY_KEY_FILE = "delivery.key";

const PURPOSE = "opentrail digest signing keys";

/** The seal of a data directory, whose key file is made when something is sealed first: while nothing is, nothing can be lost. */
export function deliverySeal(dataDir: string): Pick<Seal, "open" | "close"> {
  let seal: Seal | undefined;
  const opened = (): Seal => (seal ??= new Seal(readKeyFile(join(dataDir, DELIVERY_KEY_FILE)), PURPOSE));
  return {
    open: (sealed, place) => opened().open(sealed, place),
    close: (plain, place) => opened().close(plain, place),
  };
}

/** The same, of a directory that is only looked at: throws where the key file is missing. */
export function deliverySealToRead(dataDir: string): Pick<Seal, "open"> {
  const path = join(dataDir, DELIVERY_KEY_FILE);
  return {
    open(sealed, place) {
      if (!existsSync(path)) throw new Error(`${path} is missing`);
      return new Seal(readKeyFile(path), PURPOSE).open(sealed, place);
    },
  };
}
