/** Events of a segment at most. Larger ones save octets on postings of common values, and stall the program longer when made. */
export const SEGMENT_EVENTS = 1024;

/** Octets of events after which a segment is closed early, so that large records do not pile up in memory. */
export const SEGMENT_BYTES = 8 * 1024 * 1024;

/** Octets and events that the write buffers of all days may hold together; the fullest day is written out beyond that. */
export const BUFFER_BYTES = 32 * 1024 * 1024;
export const BUFFER_EVENTS = 16 * 1024;

/** Segments whose postings stand together, so that writing touches few pages of a large day's tree. */
export const EPOCH_SEGMENTS = 64;

/**
 * A frame is compressed as one, and unpacked as one for each event of it that a page shows. With a dictionary, 16 events
 * take less room than 64 without, and a quarter of the time to unpack.
 */
export const FRAME_EVENTS = 16;
export const FRAME_BYTES = 256 * 1024;

/** Events of the write buffer that are compressed as one. Nobody looks into them before the next start. */
export const BUFFER_FRAME_EVENTS = 64;

/** Frames that share a row, so that the unused end of a database page is lost once for all of them. */
export const SHELF_FRAMES = 4;

/** Octets of a dictionary, and the events from which on a segment is worth one. */
export const DICTIONARY_BYTES = 32 * 1024;
export const DICTIONARY_EVENTS = 512;

/** How long taking in events may keep queries waiting, in milliseconds, before they get their turn. */
export const SLICE_MILLISECONDS = 2;

/** Day files open at a time. */
export const OPEN_DAYS = 128;

export const SECONDS_PER_DAY = 86_400;

/** Page sizes. LookupEvents allows 50. */
export const LOOKUP_LIMIT = 50;
export const SEARCH_LIMIT = 200;

/** Work for one page of a search; see `SearchQuery.scanLimit`. */
export const SCAN_LIMIT = { least: 1, usual: 20_000, most: 200_000 } as const;

/** Lists of a search to read for one epoch; a search over more accounts and Regions than that looks at every event instead. */
export const SEARCH_TERMS = 256;
