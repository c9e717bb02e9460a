import type { LookupResource } from "../built-event.ts";
import type { ServiceRules } from "../service-rules.ts";
import { lookupResources } from "./lookup-resources.ts";
import { withModelDefaults } from "./model-defaults.ts";
import { resourcesByName } from "./resources-by-name.ts";

/** Commands show a member that only Session Manager's own calls set; published records have it on every SendCommand. */
export const ssm: ServiceRules = {
  requestParameters: (call, general) =>
    call.operationName === "SendCommand" && general !== null ? withModelDefaults(call, general, { interactive: false }) : general,
  resources: resourcesByName,
  lookupResources: (call, shown) => lookupResources(call, shown).flatMap((resource) => ofOperation(call.operationName, resource)),
};

/** What is called `name` is a parameter, a document or something else: the operation tells. */
function ofOperation(operationName: string, resource: LookupResource): readonly LookupResource[] {
  if (resource.type !== "AWS::SSM::Parameter" || operationName.includes("Parameter")) return [resource];
  return /Document|Association/.test(operationName) ? [{ ...resource, type: "AWS::SSM::Document" }] : [];
}
