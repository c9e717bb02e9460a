/** What a destination answered instead of doing what it was asked for. */
export interface DestinationError {
  /** Without namespace and suffixes: `NoSuchBucket`, `AccessDenied`, `KMS.DisabledException`. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  readonly message: string;
}

/** The answer in an error that an AWS client threw; undefined where there was none: time-outs, broken connections. */
export function destinationErrorOf(error: unknown): DestinationError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { $metadata: metadata, Code: code } = error as { $metadata?: { httpStatusCode?: unknown }; Code?: unknown };
  const status = metadata?.httpStatusCode;
  if (typeof status !== "number") return undefined;
  const name = typeof code === "string" && code !== "" ? code : error.name;
  return { code: name.slice(0, 256), status, message: error.message.slice(0, 1024) };
}
