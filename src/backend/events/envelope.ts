import { isoSeconds } from "../../base/clock.ts";
import type { Place } from "../places.ts";

export interface EventFacts {
  readonly id: string;
  readonly detailType: string;
  readonly source: string;
  readonly place: Place;
  /** Epoch milliseconds; the envelope has whole seconds. */
  readonly time: number;
  readonly resources: readonly string[];
  /** Without white space between its tokens, and parsed. */
  readonly detail: { readonly text: string; readonly content: object };
}

/** An event as targets get it, which is one line with the detail's own text in it, and as rules see it. */
export function envelope({ id, detailType, source, place, time, resources, detail }: EventFacts): {
  readonly text: string;
  readonly content: object;
} {
  const head = {
    version: "0",
    id,
    "detail-type": detailType,
    source,
    account: place.accountId,
    time: isoSeconds(time),
    region: place.region,
    resources,
  };
  return { text: `${JSON.stringify(head).slice(0, -1)},"detail":${detail.text}}`, content: { ...head, detail: detail.content } };
}
