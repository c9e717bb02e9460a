/**
 * A decoded AWS value. Structures and maps are objects without a prototype, so that a member may have any name;
 * structure members carry their Smithy names (`DBInstanceIdentifier`), blobs are bytes, timestamps are dates.
 */
export type Tree = null | boolean | number | bigint | string | Uint8Array | Date | readonly Tree[] | TreeObject;

export interface TreeObject {
  readonly [name: string]: Tree;
}

/** What JSON can say: the form in which parameters stand in a record. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}
