/**
 * The bytes cannot be read as what they claim to be, or are larger or deeper than a decoder will follow. The only thing
 * that the decoders throw; whoever records the call goes on without the decoded form. Messages never quote the bytes,
 * because they may be secret.
 */
export class DecodeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DecodeError";
  }
}
