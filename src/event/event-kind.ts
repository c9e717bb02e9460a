import { apiVersion } from "../aws/catalogue/facts/api-version.ts";
import { dataResourceType } from "../aws/catalogue/facts/data-events.ts";
import { eventName } from "../aws/catalogue/facts/event-name.ts";
import { eventSource } from "../aws/catalogue/facts/event-source.ts";
import { isReadOnlyCall } from "../aws/catalogue/facts/read-only.ts";
import type { Operation } from "../aws/catalogue/model.ts";
import type { ApiCall } from "./api-call.ts";
import { truncateUtf8 } from "./limits.ts";

type Kinds = Pick<ApiCall, "serviceId" | "operationName" | "signingName" | "operation">;

/** What a record says of every call of a kind. */
export interface EventKind {
  readonly source: string;
  readonly name: string;
  readonly readOnly: boolean;
  readonly apiVersion: string | undefined;
  /** Type of the resource that a data event touches; undefined for management events. */
  readonly dataType: string | undefined;
}

interface Remembered {
  readonly serviceId: string;
  readonly operationName: string;
  readonly signingName: string;
  readonly kind: EventKind;
}

/** The last one of each operation: mostly there is no other. */
const remembered = new WeakMap<Operation, Remembered>();

export function eventKind(call: Kinds): EventKind {
  const { operation, serviceId, operationName, signingName } = call;
  if (operation === undefined) return made(call);
  const known = remembered.get(operation);
  if (known?.operationName === operationName && known.serviceId === serviceId && known.signingName === signingName)
    return known.kind;
  const kind = made(call);
  remembered.set(operation, { serviceId, operationName, signingName, kind });
  return kind;
}

function made(call: Kinds): EventKind {
  const { serviceId, operationName, signingName } = call;
  const dataType = dataResourceType(serviceId, operationName);
  return {
    source: eventSource(serviceId, signingName, dataType !== undefined),
    name: truncateUtf8(eventName(serviceId, operationName)),
    readOnly: isReadOnlyCall(call),
    apiVersion: apiVersion(serviceId),
    dataType,
  };
}
