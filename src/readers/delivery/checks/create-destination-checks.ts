import type { Trail } from "../../../account/trails/trail.ts";
import type { DestinationChecks } from "../destination-checks.ts";
import { checkBucket } from "./check-bucket.ts";
import { checkKey } from "./check-key.ts";
import { checkLogGroup } from "./check-log-group.ts";
import { checkTopic } from "./check-topic.ts";
import type { DestinationChecksOptions } from "./destination-checks-options.ts";

/** In AWS's order: the bucket, the key, the topic, the log group. Each destination is asked once. */
export function createDestinationChecks(options: DestinationChecksOptions): DestinationChecks {
  return {
    async check(trail, before, signal) {
      const { clients } = options;
      const changed = (...names: readonly (keyof Trail)[]): boolean =>
        before === undefined || names.some((name) => trail[name] !== before[name]);
      const kmsKeyId =
        trail.kmsKeyId === undefined || !changed("kmsKeyId")
          ? trail.kmsKeyId
          : await checkKey(trail, trail.kmsKeyId, clients, signal);
      const checked = kmsKeyId === undefined ? trail : { ...trail, kmsKeyId };
      // UpdateTrail writes the marker anew whatever it changes.
      await checkBucket(checked, options, signal);
      if (trail.snsTopicArn !== undefined && changed("snsTopicArn")) await checkTopic(trail, trail.snsTopicArn, clients, signal);
      const { cloudWatchLogsLogGroupArn: group, cloudWatchLogsRoleArn: role } = trail;
      if (group !== undefined && changed("cloudWatchLogsLogGroupArn", "cloudWatchLogsRoleArn"))
        await checkLogGroup(trail, { group, role: role ?? "" }, clients, signal);
      return checked;
    },
  };
}
