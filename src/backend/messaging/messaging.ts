import { Places, type Place } from "../places.ts";
import { loadFauxqs } from "./fauxqs.ts";
import { MessagingPlace } from "./messaging-place.ts";

/** SQS and SNS share what they keep, so that topics reach queues. Loaded at the first call. */
export class Messaging {
  readonly #directory: string;
  #places: Promise<Places<MessagingPlace>> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Throws what `Places.at` throws. */
  async at(place: Place): Promise<MessagingPlace> {
    this.#places ??= loadFauxqs().then((fauxqs) => new Places((place) => new MessagingPlace(fauxqs, this.#directory, place)));
    return (await this.#places).at(place);
  }

  async close(): Promise<void> {
    const places = await this.#places?.catch(() => undefined);
    for (const place of places?.all() ?? []) place.close();
  }
}
