import type { EventIndex } from "../built-event.ts";
import type { EventView } from "./event-view.ts";
import { scanResources } from "./scan-resources.ts";
import { viewOfRecord } from "./view-of-record.ts";

/** Records are a quarter of a megabyte at most, a whole one where trails allow large events. */
const MAX_RECORD = 2 * 1024 * 1024;

const decoder = new TextDecoder();

/**
 * An event of the journal as selectors see it. What its index says costs nothing, its resources are read out of the record;
 * the whole is parsed, once, when a selector asks for another member. Never throws: a record that is none has no resources, and nobody made it.
 */
export function viewOfEntry(index: EventIndex, record: Uint8Array): EventView {
  return new EntryView(index, record);
}

class EntryView implements EventView {
  readonly #index: EventIndex;
  readonly #bytes: Uint8Array;
  #record: EventView | undefined;
  #resources: EventView["resources"] | undefined;

  constructor(index: EventIndex, bytes: Uint8Array) {
    this.#index = index;
    this.#bytes = bytes;
  }

  get category(): EventView["category"] {
    return this.#index.category;
  }

  get readOnly(): boolean {
    return this.#index.readOnly;
  }

  get source(): string {
    return this.#index.source;
  }

  get name(): string {
    return this.#index.name;
  }

  get errorCode(): string | undefined {
    return this.#index.errorCode;
  }

  get resources(): EventView["resources"] {
    return (this.#resources ??= this.#findResources());
  }

  get type(): string {
    return this.#parsed.type;
  }

  get userArn(): string | undefined {
    return this.#parsed.userArn;
  }

  get fromConsole(): boolean {
    return this.#parsed.fromConsole;
  }

  get vpcEndpointId(): string | undefined {
    return this.#parsed.vpcEndpointId;
  }

  #findResources(): EventView["resources"] {
    const { selectedAs } = this.#index;
    if (selectedAs !== undefined) return selectedAs.map(({ type, arn }) => ({ type, arn }));
    return this.#record?.resources ?? scanResources(this.#bytes) ?? this.#parsed.resources;
  }

  get #parsed(): EventView {
    return (this.#record ??= viewOfRecord(parse(this.#bytes)));
  }
}

function parse(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_RECORD) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}
