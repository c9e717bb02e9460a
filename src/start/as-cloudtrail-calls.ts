import { partitionOf } from "../aws/region.ts";
import type { Admission, Recorder } from "../capture/recorder.ts";
import type { ApiCall } from "../event/api-call.ts";
import { changedCall } from "../event/changed-call.ts";

/**
 * The recorder, for calls that OpenTrail makes in CloudTrail's place: their records say what CloudTrail would have sent. S3's
 * show the request as HTTP has it, and there ours has the backend's host, and `x-id`, which AWS's SDK for JavaScript adds.
 */
export function asCloudTrailCalls(recorder: Recorder): Recorder {
  const asSent = (admission: Admission): Admission => ({
    record: (call) => admission.record(asCloudTrailSends(call)),
    withdraw: () => admission.withdraw(),
    abandon: () => admission.abandon(),
  });
  return {
    wants: (call, throughVpcEndpoint) => recorder.wants(call, throughVpcEndpoint),
    intends: (call) => recorder.intends(call),
    admit: async (intent) => asSent(await recorder.admit(intent && ((): ApiCall => asCloudTrailSends(intent())))),
    waive: () => asSent(recorder.waive()),
    missed: (call, problem) => recorder.missed(call, problem),
  };
}

function asCloudTrailSends(call: ApiCall): ApiCall {
  const { request, region } = call;
  const bucket = request.s3?.bucket;
  if (call.serviceId !== "s3" || bucket === undefined) return call;
  const host = `${bucket}.s3.${region}.${partitionOf(region).dnsSuffix}`;
  const query = request.query.filter(([name]) => name !== "x-id");
  return changedCall(call, { request: { ...request, host, query } });
}
