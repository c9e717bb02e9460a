/** What is wrong with a signature, whatever the service that is asked will call it. */
export type Problem =
  /** No signature, where the operation needs one. */
  | { readonly kind: "unsigned" }
  /** A signature that AWS no longer takes, or never took. */
  | { readonly kind: "unsupported"; readonly form: "SigV2" | "bearer" | "events" | "asymmetric-chunks" }
  | { readonly kind: "unsupported-authorization"; readonly text: string }
  | { readonly kind: "several-mechanisms"; readonly text: string }
  | { readonly kind: "incomplete"; readonly missing: readonly string[]; readonly text: string }
  | { readonly kind: "incomplete-query" }
  | { readonly kind: "unsupported-algorithm" }
  | { readonly kind: "no-date"; readonly text: string }
  | { readonly kind: "bad-date"; readonly text: string }
  | { readonly kind: "bad-expiry"; readonly reason: "not a number" | "negative" | "too long" }
  | { readonly kind: "bad-credential"; readonly text: string }
  | { readonly kind: "bad-scope"; readonly faults: readonly ScopeFault[] }
  | { readonly kind: "headers-not-signed"; readonly names: readonly string[] }
  | { readonly kind: "no-payload-hash" }
  | { readonly kind: "bad-payload-hash"; readonly text: string }
  | { readonly kind: "unknown-key"; readonly accessKeyId: string }
  | { readonly kind: "bad-token"; readonly token: string }
  | { readonly kind: "expired-token"; readonly token: string }
  /** Times in epoch milliseconds. */
  | { readonly kind: "skewed"; readonly date: string; readonly signedAt: number; readonly now: number; readonly skew: number }
  | {
      readonly kind: "not-yet-valid";
      readonly date: string;
      readonly signedAt: number;
      readonly now: number;
      readonly skew: number;
    }
  | {
      readonly kind: "expired-request";
      readonly date: string;
      readonly expires: number;
      readonly expiresAt: number;
      readonly now: number;
    }
  | {
      readonly kind: "mismatch";
      readonly accessKeyId: string;
      readonly signature: string;
      readonly stringToSign: string;
      /** Undefined where something else than a request was signed. */
      readonly canonicalRequest: string | undefined;
    }
  | { readonly kind: "wrong-body"; readonly claimed: string; readonly computed: string }
  | { readonly kind: "wrong-chunk" }
  | { readonly kind: "malformed-chunks"; readonly text: string }
  | { readonly kind: "incomplete-chunks" }
  | { readonly kind: "policy"; readonly text: string }
  | { readonly kind: "bad-policy"; readonly text: string }
  | { readonly kind: "no-body" }
  | { readonly kind: "body-too-large"; readonly limit: number }
  | { readonly kind: "busy" };

export interface ScopeFault {
  readonly part: "date-format" | "date" | "region" | "service" | "terminator";
  readonly found: string;
  readonly expected: string;
}

/** Ends the examination of a request. What the caller is told is decided by who is asked. */
export class SignatureProblem extends Error {
  override name = "SignatureProblem";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.kind);
    this.problem = problem;
  }
}
