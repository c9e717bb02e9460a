/** Streams of one account and Region at most: as many as a volume that one stream does not take may need. */
const MOST_STREAMS = 10;

/**
 * The stream that an account's and Region's events go to: `<account>_CloudTrail_<region>`, from the second on with a number
 * behind it, for organization trails with the organization's id in front. Source: "Sending events to CloudWatch Logs", "CloudTrail
 * log file name format"; streams on AWS carry `_2`, `_3` at volume.
 */
export class LogStream {
  readonly #name: string;
  #number = 1;
  /** Of servers that still ask for one: what the next PutLogEvents has to bring along. */
  sequenceToken: string | undefined;

  constructor(accountId: string, region: string, organizationId: string | undefined) {
    this.#name = `${organizationId === undefined ? "" : `${organizationId}_`}${accountId}_CloudTrail_${region}`;
  }

  get name(): string {
    return this.#number === 1 ? this.#name : `${this.#name}_${this.#number}`;
  }

  /** This one takes no more for now. */
  next(): void {
    this.#number = (this.#number % MOST_STREAMS) + 1;
    this.sequenceToken = undefined;
  }
}
