import type { LookupResource } from "../built-event.ts";
import type { ServiceRules } from "../service-rules.ts";
import { s3AdditionalEventData } from "./s3-additional-event-data.ts";
import { s3Error } from "./s3-error.ts";
import { s3FurtherCalls } from "./s3-further-calls.ts";
import { s3RequestParameters } from "./s3-request-parameters.ts";
import { s3Resources } from "./s3-resources.ts";
import { s3ResponseElements } from "./s3-response-elements.ts";

/** S3 is recorded from the wire alone: nothing here needs `input` or `output`. */
export const s3: ServiceRules = {
  requestParameters: s3RequestParameters,
  responseElements: s3ResponseElements,
  additionalEventData: s3AdditionalEventData,
  resources: s3Resources,
  furtherCalls: s3FurtherCalls,
  lookupResources: (call): readonly LookupResource[] => {
    const bucket = call.request.s3?.bucket;
    const failed = call.error !== undefined && (call.operationName === "CreateBucket" || s3Error(call)?.code === "NoSuchBucket");
    return bucket === undefined || failed ? [] : [{ type: "AWS::S3::Bucket", name: bucket }];
  },
};
