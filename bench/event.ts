/** Microseconds that one event costs, from the finished call to its encoded record: `node bench/event.ts`. */
import { createEventBuilder } from "../src/event/build-event.ts";
import { runInstancesAnswer } from "../src/event/fixtures/ec2-answers.ts";
import { cliAgent, deployer, finishedCall, form, type WireFixture } from "../src/event/golden.test-support.ts";

const common = {
  caller: deployer,
  requestId: "aaaaaaaa-0000-4000-8000-000000000001",
  eventId: "eeeeeeee-0000-4000-8000-000000000002",
  completed: "2026-03-02T09:05:01Z",
} as const;
const formHeaders = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

const calls: Readonly<Record<string, WireFixture>> = {
  "IAM CreateUser": {
    ...common,
    service: "iam",
    operation: "CreateUser",
    protocol: "awsQuery",
    host: "iam.amazonaws.com",
    headers: formHeaders,
    body: form({
      Action: "CreateUser",
      Version: "2010-05-08",
      UserName: "bob",
      "Tags.member.1.Key": "team",
      "Tags.member.1.Value": "data",
    }),
    userAgent: cliAgent("iam.create-user"),
    answer: {
      status: 200,
      body:
        "<CreateUserResponse><CreateUserResult><User><Path>/</Path><UserName>bob</UserName><UserId>AIDARZPUZDIKEAEXAMPLE</UserId>" +
        "<Arn>arn:aws:iam::123456789012:user/bob</Arn><CreateDate>2026-03-02T09:06:30Z</CreateDate></User></CreateUserResult>" +
        "</CreateUserResponse>",
    },
  },
  "EC2 RunInstances": {
    ...common,
    service: "ec2",
    operation: "RunInstances",
    protocol: "ec2Query",
    host: "ec2.us-east-1.amazonaws.com",
    headers: formHeaders,
    body: form({
      Action: "RunInstances",
      Version: "2016-11-15",
      ImageId: "ami-0abcdef1234567890",
      InstanceType: "t3.micro",
      MinCount: "1",
      MaxCount: "1",
      "SecurityGroupId.1": "sg-0a1b2c3d4e5f60718",
      "TagSpecification.1.ResourceType": "instance",
      "TagSpecification.1.Tag.1.Key": "Name",
      "TagSpecification.1.Tag.1.Value": "web-1",
    }),
    userAgent: cliAgent("ec2.run-instances"),
    answer: { status: 200, body: runInstancesAnswer },
  },
  "S3 PutObject": {
    ...common,
    service: "s3",
    operation: "PutObject",
    protocol: "restXml",
    method: "PUT",
    host: "amzn-s3-demo-bucket.s3.us-east-1.amazonaws.com",
    target: "/reports/2026/03/daily.csv?x-id=PutObject",
    s3: { bucket: "amzn-s3-demo-bucket", key: "reports/2026/03/daily.csv" },
    headers: { "content-length": "1187", "x-amz-storage-class": "STANDARD_IA", "x-amz-decoded-content-length": "1048" },
    bodyBytes: 1187,
    userAgent: cliAgent("s3api.put-object"),
    answer: { status: 200, headers: { "x-amz-id-2": "EXAMPLEid2", "x-amz-server-side-encryption": "AES256" } },
  },
};

const ROUNDS = 20_000;
const builder = createEventBuilder({ newId: () => "ffffffff-0000-4000-8000-000000000001" });
for (const [name, fixture] of Object.entries(calls)) {
  const call = finishedCall(fixture);
  let bytes = 0;
  for (let round = 0; round < ROUNDS / 4; round += 1) builder.build(call);
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) bytes += builder.build(call)[0]?.record.byteLength ?? 0;
  const microseconds = ((performance.now() - start) * 1000) / ROUNDS;
  console.log(`${name.padEnd(18)} ${microseconds.toFixed(1).padStart(7)} µs  ${String(bytes / ROUNDS).padStart(6)} bytes`);
}
