import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { taggedArn } from "../tags.ts";

export const untagResource: NamedEventsOperation = {
  name: "UntagResource",
  handle(call) {
    const { input, store } = call;
    const [arn, keys] = [input.text("ResourceARN"), input.texts("TagKeys")];
    new Constraints()
      .required("resourceARN", arn)
      .text("resourceARN", arn, { min: 1, max: 1600 })
      .required("tagKeys", keys)
      .check();
    const resource = taggedArn(call, arn ?? "");
    store.transaction(() => store.tags.delete(resource, keys ?? []));
    return {};
  },
};
