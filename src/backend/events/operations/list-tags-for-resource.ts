import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { taggedArn } from "../tags.ts";

export const listTagsForResource: NamedEventsOperation = {
  name: "ListTagsForResource",
  handle(call) {
    const { input, store } = call;
    const arn = input.text("ResourceARN");
    new Constraints().required("resourceARN", arn).text("resourceARN", arn, { min: 1, max: 1600 }).check();
    const tags = store.tags.list(taggedArn(call, arn ?? ""));
    return { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) };
  },
};
