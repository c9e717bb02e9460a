import { Seal, SealBroken } from "../../base/seal.ts";
import type { Position } from "../../journal/journal.ts";
import { InvalidPageToken } from "./history.ts";

/** A place in the order of a query: what follows it is older, or as old and recorded earlier. */
export interface PageCursor {
  /** Only events up to here belong to the query's pages. */
  readonly snapshot: Position;
  /** Epoch seconds. */
  readonly time: number;
  readonly position: Position;
}

const CURSOR_BYTES = 24;

/**
 * Page tokens: the cursor, sealed with a key of the store for the query that it was made for. So a token works with its
 * own query only, and tells nobody how many events other accounts have.
 */
export class PageTokens {
  static readonly keyLength = 32;
  readonly #seal: Seal;

  /** `key`: `keyLength` octets. */
  constructor(key: Uint8Array) {
    this.#seal = new Seal(key, "event history page tokens");
  }

  /** `query`: canonical text of everything that must not change between pages. */
  make(cursor: PageCursor, query: string): string {
    const plain = Buffer.alloc(CURSOR_BYTES);
    plain.writeDoubleBE(cursor.snapshot, 0);
    plain.writeDoubleBE(cursor.time, 8);
    plain.writeDoubleBE(cursor.position, 16);
    return Buffer.from(this.#seal.close(plain, query)).toString("base64");
  }

  /** Throws `InvalidPageToken`. */
  read(token: string, query: string): PageCursor {
    const sealed = Buffer.from(token, "base64");
    // Other spellings of the same octets are refused: nobody was given them.
    if (sealed.toString("base64") !== token) throw new InvalidPageToken("malformed page token");
    try {
      const plain = Buffer.from(this.#seal.open(sealed, query));
      return { snapshot: plain.readDoubleBE(0), time: plain.readDoubleBE(8), position: plain.readDoubleBE(16) };
    } catch (cause) {
      if (!(cause instanceof SealBroken)) throw cause;
      throw new InvalidPageToken("page token of another query", { cause });
    }
  }
}
