/** What a signature is checked against. MUST NOT be logged. */
export interface KnownSecret {
  readonly secretAccessKey: string;
  /** SHA-256 of the session token that must come along; undefined for long-term keys. The token itself is not kept. */
  readonly sessionTokenDigest?: Uint8Array;
  /** False for keys that UpdateAccessKey has made inactive. */
  readonly active: boolean;
  /** Epoch milliseconds after which AWS answers ExpiredToken; undefined for long-term keys. */
  readonly expiresAt?: number;
}

/** Secrets of configured and learned access keys. */
export interface KnownSecrets {
  /** Undefined for keys that nobody knows and for known keys whose secret never came by. */
  secretOf(accessKeyId: string): KnownSecret | undefined;
}
