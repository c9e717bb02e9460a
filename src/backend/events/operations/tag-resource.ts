import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { addTags, readTags, taggedArn } from "../tags.ts";

export const tagResource: NamedEventsOperation = {
  name: "TagResource",
  handle(call) {
    const { input, store } = call;
    const [arn, list] = [input.text("ResourceARN"), input.structures("Tags")];
    const constraints = new Constraints().required("resourceARN", arn).text("resourceARN", arn, { min: 1, max: 1600 });
    const tags = readTags(constraints.required("tags", list), list);
    constraints.check();
    const resource = taggedArn(call, arn ?? "");
    store.transaction(() => addTags(call, resource, tags));
    return {};
  },
};
