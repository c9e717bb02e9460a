import type { CallKind, Recorder } from "../capture/recorder.ts";

/**
 * What CloudTrail does without a record at AWS: it hands events to EventBridge by no call at all, and PutLogEvents is not
 * logged. Recorded, each would be the next thing to send. Source: CloudWatch Logs User Guide, "Logging API calls".
 */
const UNRECORDED: ReadonlySet<string> = new Set(["cloudwatch-logs:PutLogEvents", "eventbridge:PutEvents"]);

/** The recorder, without those calls. */
export function withoutUnrecordedCalls(recorder: Recorder): Recorder {
  const isRecorded = ({ serviceId, operationName }: CallKind): boolean => !UNRECORDED.has(`${serviceId}:${operationName}`);
  return {
    wants: (call, throughVpcEndpoint) => isRecorded(call) && recorder.wants(call, throughVpcEndpoint),
    intends: (call) => recorder.intends(call),
    admit: (intent) => recorder.admit(intent),
    waive: () => recorder.waive(),
    missed: (call, problem) => recorder.missed(call, problem),
  };
}
