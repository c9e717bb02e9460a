import { parseArn } from "../../aws/arn.ts";
import type { ApiCall } from "../api-call.ts";
import type { RecordResource } from "../service-rules.ts";
import { listAt, textAt } from "./read-tree.ts";
import { arnOf, arnOrNamed, recordResources } from "./record-resource.ts";

type Arns = (call: ApiCall) => readonly (string | undefined)[];

/** How a service's parameters name what its record lists under `resources`. `type` is undefined where AWS writes none. */
interface NamedResources {
  readonly type: string | undefined;
  readonly arns: Arns;
}

/** An ARN of the service made of the first of these members that the call has; ARNs stay as they are. */
const named =
  (service: string, prefix: string, ...members: readonly string[]): Arns =>
  (call) => {
    const name = members.map((member) => textAt(call.input, member)).find((value) => value !== undefined);
    return name === undefined ? [] : [arnOrNamed(call, service, name, prefix)];
  };

const fileSystem: Arns = (call) => {
  const id = textAt(call.input, "FileSystemId") ?? textAt(call.output, "FileSystemId");
  return id === undefined ? [] : [arnOrNamed(call, "elasticfilesystem", id, "file-system/")];
};

const repositories: Arns = (call) => {
  const names = [textAt(call.input, "repositoryName"), ...listAt(call.input, "repositoryNames")];
  return names.filter((name) => typeof name === "string").map((name) => arnOf(call, "codecommit", name));
};

/** `repository/NAME` in the registry that the call names. */
const imageRepositories: Arns = (call) => {
  const accountId = textAt(call.input, "registryId") ?? call.accountId;
  const names = [textAt(call.input, "repositoryName"), ...listAt(call.input, "repositoryNames")];
  return names.filter((name) => typeof name === "string").map((name) => arnOf(call, "ecr", `repository/${name}`, { accountId }));
};

/** Parameters by name, and the instances that commands and sessions go to. */
const parametersAndInstances: Arns = (call) => {
  const { input, operationName } = call;
  if (/Parameters?(?:History|sByPath|ByPath)?$|Parameter(?:Version)$/.test(operationName)) {
    const names = [textAt(input, "Name"), textAt(input, "Path"), ...listAt(input, "Names")];
    return names
      .filter((name) => typeof name === "string")
      .map((name) => arnOrNamed(call, "ssm", name.replace(/^\//, ""), "parameter/"));
  }
  const ids = [textAt(input, "InstanceId"), textAt(input, "Target"), ...listAt(input, "InstanceIds")];
  return ids
    .filter((id) => typeof id === "string")
    .map((id) => (id.startsWith("mi-") ? arnOf(call, "ssm", `managed-instance/${id}`) : arnOf(call, "ec2", `instance/${id}`)));
};

/** Snapshots belong to no account by their ARN. */
const snapshot: Arns = (call) => {
  const id = textAt(call.input, "SnapshotId") ?? textAt(call.input, "SecondSnapshotId");
  return [id === undefined ? undefined : arnOf(call, "ec2", `snapshot/${id}`, { accountId: "" })];
};

/** The identity that sends: as its ARN, or the address between angle brackets or alone. */
const sender: Arns = (call) => {
  const { input } = call;
  const arn = textAt(input, "FromEmailAddressIdentityArn") ?? textAt(input, "SourceArn") ?? textAt(input, "FromArn");
  if (arn !== undefined) return [arn];
  const source = textAt(input, "FromEmailAddress") ?? textAt(input, "Source");
  const address = /<([^<>\s]{1,320})>\s*$/.exec(source ?? "")?.[1] ?? /^[^<>\s]{1,320}$/.exec(source ?? "")?.[0];
  return [address === undefined ? undefined : arnOf(call, "ses", `identity/${address}`)];
};

/** A shard iterator begins with the stream that it reads. */
const dynamodbStream: Arns = ({ input }) => [
  textAt(input, "StreamArn") ?? /^(arn:[^|]+\/stream\/[^|]+)\|/.exec(textAt(input, "ShardIterator") ?? "")?.[1],
];

const table: ReadonlyMap<string, NamedResources> = new Map([
  ["kinesis", { type: "AWS::Kinesis::Stream", arns: named("kinesis", "stream/", "StreamARN", "StreamName") }],
  [
    "firehose",
    { type: "AWS::KinesisFirehose::DeliveryStream", arns: named("firehose", "deliverystream/", "DeliveryStreamName") },
  ],
  ["codecommit", { type: "AWS::CodeCommit::Repository", arns: repositories }],
  ["efs", { type: "AWS::EFS::FileSystem", arns: fileSystem }],
  ["ebs", { type: "AWS::EC2::Snapshot", arns: snapshot }],
  ["ses", { type: "AWS::SES::EmailIdentity", arns: sender }],
  ["sesv2", { type: "AWS::SES::EmailIdentity", arns: sender }],
  ["cloudtrail-data", { type: "AWS::CloudTrail::Channel", arns: named("cloudtrail", "channel/", "channelArn") }],
  ["dynamodb-streams", { type: "AWS::DynamoDB::Stream", arns: dynamodbStream }],
  ["ecr", { type: undefined, arns: imageRepositories }],
  ["ssm", { type: undefined, arns: parametersAndInstances }],
  ["cloudwatch-logs", { type: undefined, arns: named("logs", "log-group:", "logGroupName", "logGroupIdentifier") }],
]);

/** The services whose resources follow from a name or an ARN in their parameters alone. */
export const namedResourceServices: readonly string[] = [...table.keys()];

export function resourcesByName(call: ApiCall): readonly RecordResource[] | undefined {
  const found = table.get(call.serviceId);
  if (found === undefined) return undefined;
  const consumer = call.serviceId === "kinesis" ? textAt(call.input, "ConsumerARN") : undefined;
  const arns = found.arns(call).filter((arn) => arn !== undefined && parseArn(arn) !== undefined);
  const resources = recordResources(call, found.type, arns);
  const consumers = recordResources(call, "AWS::Kinesis::StreamConsumer", [consumer]);
  return resources === undefined ? consumers : [...resources, ...(consumers ?? [])];
}
