import { AwsError } from "../../aws/aws-error.ts";
import { partitionOf } from "../../aws/region.ts";
import type { Clock } from "../../base/clock.ts";
import { invalidParameter } from "./invalid-parameter.ts";
import type { LogsStore } from "./logs-store.ts";
import { GROUP_NAME, type Members, missing, STREAM_NAME } from "./members.ts";
import type { StoredGroup, StoredStream } from "./stored.ts";

/** One CloudWatch Logs request, addressed and taken apart. */
export interface LogsCall {
  readonly store: LogsStore;
  readonly members: Members;
  readonly clock: Clock;
  /** To be called where events have been deleted. */
  readonly wakeSweeper: () => void;
}

/** Answers the members of the output. Throws `AwsError`. */
export type LogsOperation = (call: LogsCall) => object;

/** The ARN by which tags and policies name a group, without `:*`. */
export function groupArn({ store: { place } }: LogsCall, name: string): string {
  return `arn:${partitionOf(place.region).id}:logs:${place.region}:${place.accountId}:log-group:${name}`;
}

/** The group that `logGroupName` names, or `logGroupIdentifier` by name or ARN. Throws `ResourceNotFoundException`. */
export function groupOf(call: LogsCall): StoredGroup {
  const name = call.members.text("logGroupName", GROUP_NAME);
  const identifier = call.members.text("logGroupIdentifier", { min: 1, max: 2048 });
  if (name !== undefined && identifier !== undefined) {
    throw invalidParameter("LogGroup name and LogGroup identifier are mutually exclusive parameters.");
  }
  return groupNamed(call, identifier === undefined ? (name ?? missing("logGroupName")) : nameOfIdentifier(call, identifier));
}

/** The group of an ARN, which may end in `:*`. Throws `ResourceNotFoundException`. */
export function groupOfArn(call: LogsCall, arn: string): StoredGroup {
  if (!arn.startsWith("arn:")) throw invalidParameter("The specified resource ARN is invalid.");
  return groupNamed(call, nameOfIdentifier(call, arn));
}

/** Throws `ResourceNotFoundException`. */
export function streamOf({ store, members }: LogsCall, group: StoredGroup): StoredStream {
  const stream = store.streams.get(group.id, members.needText("logStreamName", STREAM_NAME));
  if (stream === undefined) throw noStream();
  return stream;
}

export function noStream(): AwsError {
  return new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
}

/** Groups of other accounts and regions are not to be found here: their name is one that no group has. */
export function nameOfIdentifier(call: LogsCall, identifier: string): string {
  if (!identifier.startsWith("arn:")) return identifier;
  const own = groupArn(call, "");
  return identifier.startsWith(own) ? identifier.slice(own.length).replace(/:\*$/, "") : "";
}

function groupNamed({ store }: LogsCall, name: string): StoredGroup {
  const group = store.groups.get(name);
  if (group === undefined) throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
  return group;
}
