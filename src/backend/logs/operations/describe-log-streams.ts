import { invalidParameter } from "../invalid-parameter.ts";
import { groupArn, groupOf, type LogsOperation } from "../logs-call.ts";
import { STREAM_NAME } from "../members.ts";
import { readToken, writeToken } from "../page-token.ts";
import { sequenceToken } from "../sequence-token.ts";
import type { StoredStream } from "../stored.ts";

export const describeLogStreams: LogsOperation = (call) => {
  const { store, members } = call;
  const prefix = members.text("logStreamNamePrefix", STREAM_NAME);
  const byTime = members.choice("orderBy", ["LogStreamName", "LastEventTime"]) === "LastEventTime";
  if (byTime && prefix !== undefined) throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
  const limit = members.integer("limit", 1, 50) ?? 50;
  const descending = members.flag("descending") ?? false;
  const token = readToken(members.text("nextToken", { min: 1 }), ["string", "number"]);
  const group = groupOf(call);
  const found = store.streams.list(group.id, {
    prefix: prefix ?? "",
    byTime,
    descending,
    after: token === undefined ? undefined : { name: String(token[0]), lastEvent: Number(token[1]) },
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const arn = groupArn(call, group.name);
  return {
    logStreams: page.map((stream) => shown(arn, stream)),
    ...(found.length > limit && last !== undefined ? { nextToken: writeToken([last.name, last.lastEvent ?? 0]) } : {}),
  };
};

function shown(arn: string, stream: StoredStream): object {
  const { name, created, firstEvent, lastEvent, ingested } = stream;
  return {
    logStreamName: name,
    creationTime: created,
    ...(firstEvent === undefined ? {} : { firstEventTimestamp: firstEvent }),
    ...(lastEvent === undefined ? {} : { lastEventTimestamp: lastEvent }),
    ...(ingested === undefined ? {} : { lastIngestionTime: ingested, uploadSequenceToken: sequenceToken(stream, ingested) }),
    arn: `${arn}:log-stream:${name}`,
    // AWS has said so of every stream since June 2019; the group has the sum.
    storedBytes: 0,
  };
}
