import { invalidParameter } from "../invalid-parameter.ts";
import { groupArn, type LogsCall, type LogsOperation, nameOfIdentifier } from "../logs-call.ts";
import { GROUP_NAME } from "../members.ts";
import { readToken, writeToken } from "../page-token.ts";
import type { StoredGroup } from "../stored.ts";
import { CLASSES } from "./create-log-group.ts";

const PATTERN = { max: 512, pattern: { expression: /^[.\-_/#A-Za-z0-9]*$/, text: "[\\.\\-_/#A-Za-z0-9]*" } };

export const describeLogGroups: LogsOperation = (call) => {
  const { store, members } = call;
  const prefix = members.text("logGroupNamePrefix", GROUP_NAME);
  const pattern = members.text("logGroupNamePattern", PATTERN);
  if (prefix !== undefined && pattern !== undefined) {
    throw invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  }
  const limit = members.integer("limit", 1, 50) ?? 50;
  const names = members.texts("logGroupIdentifiers", 1, 50, { min: 1, max: 2048 })?.map((text) => nameOfIdentifier(call, text));
  const [after = ""] = readToken(members.text("nextToken", { min: 1 }), ["string"]) ?? [];
  const found = store.groups.list({
    prefix: prefix ?? "",
    pattern: pattern ?? "",
    class: members.choice("logGroupClass", CLASSES),
    names,
    after: String(after),
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    logGroups: page.map((group) => shown(call, group)),
    ...(found.length > limit && last !== undefined ? { nextToken: writeToken([last.name]) } : {}),
  };
};

function shown(call: LogsCall, { name, created, retention, bytes, kms, class: kind }: StoredGroup): object {
  const arn = groupArn(call, name);
  return {
    logGroupName: name,
    creationTime: created,
    ...(retention === undefined ? {} : { retentionInDays: retention }),
    metricFilterCount: 0,
    arn: `${arn}:*`,
    storedBytes: bytes,
    ...(kms === undefined ? {} : { kmsKeyId: kms }),
    logGroupClass: kind,
    logGroupArn: arn,
    deletionProtectionEnabled: false,
  };
}
