import { partitionOf } from "../../aws/region.ts";
import type { BuiltEvent, EventIndex } from "../../event/built-event.ts";
import { compileSelectors } from "../../event/selector/compile-selectors.ts";
import type { EventPredicate } from "../../event/selector/event-predicate.ts";
import type { Selectors } from "../../event/selector/selectors.ts";
import { viewOfEntry } from "../../event/selector/view-of-entry.ts";
import type { CallKind } from "../recorder.ts";
import type { DataInterest } from "./data-interest.ts";
import { kindMayMatch } from "./kind-may-match.ts";

/** Who decides which data calls are recorded. Asked for each call, so it may change at any time. */
export interface DataSelector {
  /** Whether any data event of such a call could be wanted. Costs next to nothing. */
  mayTake(call: CallKind): boolean;
  /** Whether anybody wants events of calls through VPC endpoints. */
  readonly takesNetworkActivity: boolean;
  /** Whether somebody wants this event of data or network activity. */
  takes(event: BuiltEvent): boolean;
}

interface Compiled {
  readonly covers: (index: EventIndex) => boolean;
  readonly takes: EventPredicate;
}

/** What is selected now, of all who select: replaced as a whole whenever one of them changes. */
export class DataSelection implements DataSelector {
  readonly #everything: boolean;
  #interests: readonly DataInterest[] = [];
  #compiled: readonly Compiled[] = [];
  #takesNetworkActivity = false;
  /** By service and operation, as they are asked for: there are no more than the catalogue has data operations. */
  #kinds = new Map<string, Map<string, boolean>>();

  /** @param everything somebody wants all data events, whatever else is selected. */
  constructor(everything: boolean) {
    this.#everything = everything;
  }

  get interests(): readonly DataInterest[] {
    return this.#interests;
  }

  get takesNetworkActivity(): boolean {
    return this.#takesNetworkActivity;
  }

  /** In force when it returns. */
  set(interests: readonly DataInterest[]): void {
    this.#interests = interests;
    this.#compiled = interests.map(compileInterest);
    this.#takesNetworkActivity = interests.some(({ selectors }) => namesNetworkActivity(selectors));
    this.#kinds = new Map();
  }

  mayTake(call: CallKind): boolean {
    if (this.#everything) return true;
    if (this.#interests.length === 0) return false;
    const known = this.#kinds.get(call.serviceId)?.get(call.operationName);
    return known ?? this.#decide(call);
  }

  takes({ index, record }: BuiltEvent): boolean {
    if (this.#everything && index.category === "Data") return true;
    if (this.#compiled.length === 0) return false;
    const view = viewOfEntry(index, record);
    for (const { covers, takes } of this.#compiled) if (covers(index) && takes(view)) return true;
    return false;
  }

  #decide(call: CallKind): boolean {
    const may = this.#interests.some(({ selectors }) => kindMayMatch(selectors, call));
    let ofService = this.#kinds.get(call.serviceId);
    if (ofService === undefined) this.#kinds.set(call.serviceId, (ofService = new Map()));
    ofService.set(call.operationName, may);
    return may;
  }
}

function namesNetworkActivity(selectors: Selectors): boolean {
  if (selectors.kind === "basic") return false;
  return selectors.selectors.some(({ fieldSelectors }) =>
    fieldSelectors.some(({ field, equals }) => field === "eventCategory" && equals?.includes("NetworkActivity") === true),
  );
}

function compileInterest({ selectors, accounts, region, partition }: DataInterest): Compiled {
  const those = new Set(accounts);
  return {
    covers: (index) =>
      those.has(index.account) && (region === undefined ? partitionOf(index.region).id === partition : index.region === region),
    takes: compileSelectors(selectors),
  };
}
