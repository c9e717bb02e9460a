/** One stretch of an object's bytes: a file and how many of its octets. A multipart object has one for each part. */
export interface Stretch {
  readonly file: string;
  readonly size: number;
}

/** Whether a checksum is over the object's bytes, or over the checksums of its parts (then it ends in `-PARTS`). */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** A checksum that the client sent or asked for, as S3 names it (`crc32`), base64. */
export interface Checksum {
  readonly algorithm: string;
  readonly value: string;
  readonly type: ChecksumType;
}

export interface StoredBucket {
  readonly name: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly created: number;
  readonly policy: string | undefined;
  readonly tags: Tags | undefined;
}

export type Tags = Readonly<Record<string, string>>;

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: readonly Stretch[];
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly modified: number;
  /** Content headers and user metadata as they are given back, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly checksum: Checksum | undefined;
}

export interface StoredUpload {
  /** Begins with the time, so that uploads of one key sort by age. */
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly created: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly checksum: Omit<Checksum, "value"> | undefined;
}

export interface StoredPart {
  readonly number: number;
  readonly body: Stretch;
  /** With its quotes. */
  readonly etag: string;
  readonly modified: number;
  readonly checksum: Checksum | undefined;
}
