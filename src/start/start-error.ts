/** OpenTrail cannot start, for a reason that a person can mend; printed without a stack. */
export class StartError extends Error {
  override name = "StartError";
}
