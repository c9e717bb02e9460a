import type { EventView } from "./event-view.ts";

export type EventPredicate = (event: EventView) => boolean;
