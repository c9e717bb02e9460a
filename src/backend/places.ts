import { AwsError } from "../aws/aws-error.ts";
import { isRegionName } from "../aws/region.ts";

/** Accounts times regions that one process keeps open for one service. Whoever signs a request may name any. */
const MAX_PLACES = 64;

/** One account in one region: what resources of regional services belong to. */
export interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** What a regional service keeps, apart for each account and region, and made when it is first asked for. */
export class Places<Content> {
  readonly #open: (place: Place) => Content;
  readonly #contents = new Map<string, Content>();

  constructor(open: (place: Place) => Content) {
    this.#open = open;
  }

  /** Throws `InvalidClientTokenId` for what can be no account or region, `ServiceUnavailable` where there are too many. */
  at({ accountId, region }: Place): Content {
    const place = { accountId, region: region.toLowerCase() };
    // Both become names of directories.
    if (!/^\w[\w-]{0,63}$/.test(accountId) || !isRegionName(place.region)) {
      throw new AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
    }
    const name = `${place.accountId}/${place.region}`;
    let content = this.#contents.get(name);
    if (content === undefined) {
      if (this.#contents.size >= MAX_PLACES) {
        throw new AwsError(
          "ServiceUnavailable",
          `The embedded account has ${MAX_PLACES} combinations of account and region in use, which is its limit.`,
          503,
        );
      }
      this.#contents.set(name, (content = this.#open(place)));
    }
    return content;
  }

  all(): readonly Content[] {
    return [...this.#contents.values()];
  }
}
