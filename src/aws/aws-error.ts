/**
 * An error as an AWS caller sees it: thrown by whoever refuses, rendered in the caller's protocol by whoever answers.
 *
 * `code` is the name on the wire (`TrailNotFoundException`, `NoSuchBucket`), `status` the HTTP status (400 where AWS's
 * model says nothing), `fault` who is to blame: the caller ("client") or the service ("server").
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** What S3's answer says besides (`StringToSign`, `ServerTime`), name by name; other protocols have no place for it. */
  readonly members: Readonly<Record<string, string>>;

  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
    this.members = members;
  }

  get fault(): "client" | "server" {
    return this.status >= 500 ? "server" : "client";
  }
}
