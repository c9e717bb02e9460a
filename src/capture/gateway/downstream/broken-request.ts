/** What a client sent is not the HTTP/1.1 that two readers of it would understand alike. The message says why. */
export class BrokenRequest extends Error {
  override name = "BrokenRequest";
  readonly status: 400 | 408 | 431;

  constructor(what: string, status: BrokenRequest["status"] = 400) {
    super(what);
    this.status = status;
  }
}

export function brokenRequest(what: string): BrokenRequest {
  return new BrokenRequest(what);
}
