export interface FurtherEvent {
  /** `eventName` */
  readonly name: string;
  readonly readOnly: boolean;
}

const none: readonly FurtherEvent[] = [];
const sourceRead: readonly FurtherEvent[] = [{ name: "GetObject", readOnly: true }];
const execution: readonly FurtherEvent[] = [{ name: "InvokeExecution", readOnly: false }];

/** By catalogue id and operation: what the rules' `furtherCalls` may add. */
const FURTHER: Readonly<Record<string, Readonly<Record<string, readonly FurtherEvent[]>>>> = {
  s3: {
    DeleteObjects: [{ name: "DeleteObject", readOnly: false }],
    CopyObject: sourceRead,
    UploadPartCopy: sourceRead,
  },
  lambda: { Invoke: execution, InvokeAsync: execution, InvokeWithResponseStream: execution },
};

/** Data events that a call of this kind may cause besides its own. */
export function furtherEvents(serviceId: string, operationName: string): readonly FurtherEvent[] {
  const ofService = Object.hasOwn(FURTHER, serviceId) ? FURTHER[serviceId] : undefined;
  return ofService !== undefined && Object.hasOwn(ofService, operationName) ? (ofService[operationName] ?? none) : none;
}
