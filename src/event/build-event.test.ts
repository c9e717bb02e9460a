import { describe, expect, it } from "vitest";
import golden from "./fixtures/golden-records.json" with { type: "json" };
import { createEventBuilder } from "./build-event.ts";
import type { Caller } from "./caller.ts";
import { alice, cliAgent, deployer, finishedCall, form, recordsOf, type WireFixture } from "./golden.test-support.ts";

function iamCall(operation: string, pairs: Readonly<Record<string, string>>, fixture: Partial<WireFixture> = {}): WireFixture {
  const kebab = operation.replace(/(?<!^)([A-Z])/g, "-$1").toLowerCase();
  return {
    service: "iam",
    operation,
    protocol: "awsQuery",
    host: "iam.amazonaws.com",
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: form({ Action: operation, Version: "2010-05-08", ...pairs }),
    caller: deployer,
    requestId: "aaaaaaaa-0000-4000-8000-0000000000ff",
    eventId: "eeeeeeee-0000-4000-8000-0000000000ff",
    completed: "2026-03-02T09:06:00Z",
    userAgent: cliAgent(`iam.${kebab}`),
    answer: { status: 200, body: iamAnswer(operation, "") },
    ...fixture,
  };
}

function jsonCall(service: string, operation: string, input: object, fixture: Partial<WireFixture> = {}): WireFixture {
  const kebab = operation.replace(/(?<!^)([A-Z])/g, "-$1").toLowerCase();
  return {
    service,
    operation,
    protocol: "awsJson1_1",
    host: `${service}.us-east-1.amazonaws.com`,
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: JSON.stringify(input),
    caller: deployer,
    requestId: "aaaaaaaa-0000-4000-8000-0000000000ff",
    eventId: "eeeeeeee-0000-4000-8000-0000000000ff",
    completed: "2026-03-02T09:06:00Z",
    userAgent: cliAgent(`${service}.${kebab}`),
    answer: { status: 200, body: "{}" },
    ...fixture,
  };
}

function iamAnswer(operation: string, result: string): string {
  const namespace = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"';
  const inner = result === "" ? "" : `<${operation}Result>${result}</${operation}Result>`;
  return `<${operation}Response ${namespace}>${inner}<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${operation}Response>`;
}

const iamError = (status: number, code: string, message: string) => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});
const jsonError = (status: number, type: string, message: string) => ({
  status,
  body: JSON.stringify({ __type: type, message }),
});

describe("golden records", () => {
  const user = { requestId: "aaaaaaaa-0000-4000-8000-000000000007", eventId: "eeeeeeee-0000-4000-8000-000000000008" };

  it("AttachRolePolicy", () => {
    const fixture = iamCall(
      "AttachRolePolicy",
      { RoleName: "app-runtime", PolicyArn: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" },
      { requestId: "aaaaaaaa-0000-4000-8000-000000000005", eventId: "eeeeeeee-0000-4000-8000-000000000006" },
    );
    expect(JSON.stringify(recordsOf(fixture)[0])).toBe(JSON.stringify(golden.AttachRolePolicy));
  });

  it("CreateUser", () => {
    const result =
      "<User><Path>/</Path><UserName>bob</UserName><UserId>AIDARZPUZDIKEAEXAMPLE</UserId>" +
      "<Arn>arn:aws:iam::123456789012:user/bob</Arn><CreateDate>2026-03-02T09:06:30Z</CreateDate>" +
      "<Tags><member><Key>team</Key><Value>data</Value></member></Tags></User>";
    const pairs = { UserName: "bob", "Tags.member.1.Key": "team", "Tags.member.1.Value": "data" };
    const fixture = iamCall("CreateUser", pairs, {
      ...user,
      completed: "2026-03-02T09:06:30Z",
      answer: { status: 200, body: iamAnswer("CreateUser", result) },
    });
    expect(recordsOf(fixture)[0]).toEqual(golden.CreateUser);
    expect(Object.keys(recordsOf(fixture)[0] ?? {})).toEqual(Object.keys(golden.CreateUser));
  });

  it("CreateAccessKey, without the secret", () => {
    const result =
      "<AccessKey><UserName>bob</UserName><AccessKeyId>AKIARZPUZDIKFEXAMPLE</AccessKeyId><Status>Active</Status>" +
      "<SecretAccessKey>verysecretverysecretverysecret</SecretAccessKey><CreateDate>2026-03-02T09:06:41Z</CreateDate></AccessKey>";
    const fixture = iamCall(
      "CreateAccessKey",
      { UserName: "bob" },
      {
        requestId: "aaaaaaaa-0000-4000-8000-000000000009",
        eventId: "eeeeeeee-0000-4000-8000-000000000010",
        completed: "2026-03-02T09:06:41Z",
        answer: { status: 200, body: iamAnswer("CreateAccessKey", result) },
      },
    );
    expect(recordsOf(fixture)[0]).toEqual(golden.CreateAccessKey);
  });

  it("ListRoles, denied", () => {
    const message =
      "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: iam:ListRoles on resource: " +
      "arn:aws:iam::123456789012:role/ because no identity-based policy allows the iam:ListRoles action";
    const fixture = iamCall(
      "ListRoles",
      { MaxItems: "3" },
      {
        caller: alice,
        requestId: "aaaaaaaa-0000-4000-8000-000000000037",
        eventId: "eeeeeeee-0000-4000-8000-000000000038",
        completed: "2026-03-02T09:13:10Z",
        answer: iamError(403, "AccessDenied", message),
      },
    );
    expect(JSON.stringify(recordsOf(fixture)[0])).toBe(JSON.stringify(golden.ListRoles));
  });

  it("CreateTrail", () => {
    const input = {
      Name: "org-audit",
      S3BucketName: "amzn-s3-demo-logs",
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: true,
      EnableLogFileValidation: true,
      IsOrganizationTrail: false,
      TagsList: [{ Key: "owner", Value: "sec" }],
    };
    const output = {
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: true,
      IsOrganizationTrail: false,
      LogFileValidationEnabled: true,
      Name: "org-audit",
      S3BucketName: "amzn-s3-demo-logs",
      TrailARN: "arn:aws:cloudtrail:us-east-1:123456789012:trail/org-audit",
    };
    const fixture = jsonCall("cloudtrail", "CreateTrail", input, {
      requestId: "aaaaaaaa-0000-4000-8000-000000000023",
      eventId: "eeeeeeee-0000-4000-8000-000000000024",
      completed: "2026-03-02T09:08:40Z",
      answer: { status: 200, body: JSON.stringify(output) },
    });
    expect(recordsOf(fixture)[0]).toEqual(golden.CreateTrail);
  });

  it("StopLogging", () => {
    const fixture = jsonCall(
      "cloudtrail",
      "StopLogging",
      { Name: "arn:aws:cloudtrail:us-east-1:123456789012:trail/org-audit" },
      {
        caller: alice,
        requestId: "aaaaaaaa-0000-4000-8000-000000000025",
        eventId: "eeeeeeee-0000-4000-8000-000000000026",
        completed: "2026-03-02T09:09:05Z",
      },
    );
    expect(JSON.stringify(recordsOf(fixture)[0])).toBe(JSON.stringify(golden.StopLogging));
  });
});

describe("errors", () => {
  it("take the shape's name where the wire code differs", () => {
    const answer = iamError(404, "NoSuchEntity", "The user with name bob cannot be found.");
    expect(recordsOf(iamCall("DeleteUser", { UserName: "bob" }, { answer }))[0]).toMatchObject({
      errorCode: "NoSuchEntityException",
      errorMessage: "The user with name bob cannot be found.",
      requestParameters: { userName: "bob" },
      responseElements: null,
    });
  });

  it("hide the parameters of denied and throttled calls", () => {
    const denied = jsonCall("kms", "DisableKey", { KeyId: "k" }, { answer: jsonError(400, "AccessDeniedException", "no") });
    expect(recordsOf(denied)[0]).toMatchObject({ errorCode: "AccessDenied", errorMessage: "no", requestParameters: null });
    const throttled = jsonCall(
      "ssm",
      "PutParameter",
      { Name: "p", Value: "v" },
      { answer: jsonError(400, "ThrottlingException", "x") },
    );
    expect(recordsOf(throttled)[0]).toMatchObject({
      errorCode: "ThrottlingException",
      errorMessage: "Rate exceeded",
      requestParameters: null,
      responseElements: null,
    });
  });

  it("hide parameters and resources of a KMS key that is not there", () => {
    const answer = jsonError(400, "NotFoundException", "Key 'arn:aws:kms:us-east-1:123456789012:key/x' does not exist");
    const [record] = recordsOf(jsonCall("kms", "DisableKey", { KeyId: "arn:aws:kms:us-east-1:123456789012:key/x" }, { answer }));
    expect(record).toMatchObject({ errorCode: "NotFoundException", requestParameters: null });
    expect(record).not.toHaveProperty("resources");
  });

  it("of CloudFormation's own validation show nothing of the request", () => {
    const failed = (service: string, operation: string, body: string): WireFixture => ({
      ...iamCall(operation, {}, { answer: iamError(400, "ValidationError", "No updates are to be performed.") }),
      service,
      body,
    });
    expect(recordsOf(failed("cloudformation", "UpdateStack", "Action=UpdateStack&StackName=s"))[0]).toMatchObject({
      errorCode: "ValidationException",
      errorMessage: "No updates are to be performed.",
      requestParameters: null,
    });
    const [other] = recordsOf(
      failed("auto-scaling", "DeleteAutoScalingGroup", "Action=DeleteAutoScalingGroup&AutoScalingGroupName=g"),
    );
    expect(other).toMatchObject({ errorCode: "ValidationException", requestParameters: { autoScalingGroupName: "g" } });
  });

  it("of EventBridge's missing rules are unknown", () => {
    const answer = jsonError(400, "ResourceNotFoundException", "Rule r does not exist on EventBus default.");
    expect(recordsOf(jsonCall("eventbridge", "DescribeRule", { Name: "r" }, { answer }))[0]).toMatchObject({
      errorCode: "UnknownError",
      errorMessage: "An unknown error occurred",
      requestParameters: { name: "r" },
    });
  });

  it("behind API Gateway show a denied write's message in its answer", () => {
    const denied = (operation: string, method: string, target: string): WireFixture => ({
      ...jsonCall(
        "guardduty",
        operation,
        {},
        { answer: { status: 403, headers: { "x-amzn-errortype": "AccessDeniedException" }, body: '{"message":"User: x"}' } },
      ),
      protocol: "restJson1",
      method,
      target,
    });
    const [write] = recordsOf(denied("DeleteDetector", "DELETE", "/detector/d1"));
    expect(write).toMatchObject({
      errorCode: "AccessDenied",
      requestParameters: { detectorId: "d1" },
      responseElements: { message: "User: x" },
    });
    expect(write).not.toHaveProperty("errorMessage");
    const [read] = recordsOf(denied("GetDetector", "GET", "/detector/d1"));
    expect(read).toMatchObject({ errorCode: "AccessDenied", responseElements: null });
  });
});

describe("a record", () => {
  it("is in us-east-1 for services without regions", () => {
    const [record] = recordsOf(iamCall("DeleteUser", { UserName: "bob" }, { region: "eu-west-1" }));
    expect(record?.awsRegion).toBe("us-east-1");
  });

  it("keeps path and query values behind API Gateway as strings", () => {
    const fixture: WireFixture = {
      ...jsonCall("eks", "ListNodegroups", {}),
      protocol: "restJson1",
      method: "GET",
      target: "/clusters/a%3Ab/node-groups?maxResults=100",
    };
    expect(recordsOf(fixture)[0]?.requestParameters).toEqual({ clusterName: "a%3Ab", maxResults: "100" });
  });

  it("keeps the member case of the services that do", () => {
    const fixture: WireFixture = {
      ...jsonCall("account", "GetRegionOptStatus", { RegionName: "eu-south-2" }),
      protocol: "restJson1",
      target: "/getRegionOptStatus",
    };
    expect(recordsOf(fixture)[0]?.requestParameters).toEqual({ RegionName: "eu-south-2" });
  });

  it("names the service that made the call as address and agent, without TLS", () => {
    const [record] = recordsOf(
      iamCall(
        "DeleteUser",
        { UserName: "bob" },
        { caller: { kind: "service", accountId: "123456789012", invokedBy: "cloudformation.amazonaws.com" } },
      ),
    );
    expect(record).toMatchObject({
      userIdentity: { type: "AWSService", invokedBy: "cloudformation.amazonaws.com" },
      sourceIPAddress: "cloudformation.amazonaws.com",
      userAgent: "cloudformation.amazonaws.com",
    });
    expect(record).not.toHaveProperty("tlsDetails");
  });

  it("gives what a service does by itself the id that its own account's copy shares, and nothing else", () => {
    const shared = (caller: Caller): unknown =>
      recordsOf(iamCall("DeleteUser", { UserName: "bob" }, { caller }))[0]?.sharedEventID;
    const service = { kind: "service", accountId: "123456789012", invokedBy: "cloudtrail.amazonaws.com" } as const;
    expect(shared(service)).toMatch(/^[\da-f]{8}-/);
    expect(shared(service)).not.toBe(recordsOf(iamCall("DeleteUser", {}, { caller: service }))[0]?.eventID);
    expect(shared({ kind: "root", accountId: "123456789012", invokedBy: "cloudformation.amazonaws.com" })).toBeUndefined();
  });

  it("says what the client sent as host, or what it is rewritten to", () => {
    const fixture = iamCall("DeleteUser", { UserName: "bob" }, { host: "localhost:4580" });
    expect(recordsOf(fixture)[0]?.tlsDetails).toMatchObject({ clientProvidedHostHeader: "localhost:4580" });
    const [rewritten] = recordsOf(fixture, { clientHost: () => "iam.amazonaws.com" });
    expect(rewritten?.tlsDetails).toMatchObject({ clientProvidedHostHeader: "iam.amazonaws.com" });
    const [plain] = recordsOf({ ...fixture, call: { tls: undefined } });
    expect(plain).not.toHaveProperty("tlsDetails");
  });

  it("hides session tokens unless told otherwise", () => {
    const result =
      "<Credentials><AccessKeyId>ASIARZPUZDIKBEXAMPLE</AccessKeyId><SecretAccessKey>s3cr3t</SecretAccessKey>" +
      "<SessionToken>tok3n</SessionToken><Expiration>2026-03-02T10:00:11Z</Expiration></Credentials>";
    const body = iamAnswer("GetSessionToken", result);
    const fixture = {
      ...iamCall("GetSessionToken", { DurationSeconds: "900" }, { answer: { status: 200, body } }),
      service: "sts",
    };
    expect(recordsOf(fixture)[0]?.responseElements).toEqual({
      credentials: {
        accessKeyId: "ASIARZPUZDIKBEXAMPLE",
        sessionToken: "HIDDEN_DUE_TO_SECURITY_REASONS",
        expiration: "2026-03-02T10:00:11Z",
      },
    });
    const [shown] = recordsOf(fixture, { showSessionTokens: true });
    expect(shown?.responseElements).toMatchObject({ credentials: { sessionToken: "tok3n" } });
  });

  it("shows of an unknown call what the wire says, without what looks like a secret", () => {
    const fixture = jsonCall(
      "frobnicator",
      "MakeThing",
      { ThingName: "t", NextToken: "n", ApiSecret: "s", Nested: { Password: "p", Size: 3 } },
      { answer: { status: 200, body: '{"ThingId":"i-1","AccessToken":"a"}' } },
    );
    const [record] = recordsOf(fixture);
    expect(record).toMatchObject({
      eventSource: "frobnicator.amazonaws.com",
      eventName: "MakeThing",
      readOnly: false,
      requestParameters: { thingName: "t", nextToken: "n", nested: { size: 3 } },
      responseElements: { thingId: "i-1" },
    });
    expect(JSON.stringify(record)).not.toMatch(/apiSecret|password|accessToken/i);
  });

  it("carries notes of our own below opentrail, and nothing where there are none", () => {
    const fixture = iamCall("DeleteUser", { UserName: "bob" });
    expect(recordsOf(fixture)[0]).not.toHaveProperty("additionalEventData");
    const [record] = recordsOf({ ...fixture, call: { notes: { outcome: "unknown" } } });
    expect(record?.additionalEventData).toEqual({ opentrail: { outcome: "unknown" } });
  });

  it("is made even where a rule fails, and says so", () => {
    const broken = () => {
      throw new Error("a rule's bug");
    };
    const rules = new Map([
      ["iam", { requestParameters: broken, resources: broken, furtherCalls: broken, lookupResources: broken }],
    ]);
    const builder = createEventBuilder({ newId: () => "id", rules });
    const [event] = builder.build(finishedCall(iamCall("DeleteUser", { UserName: "bob" })));
    const record = JSON.parse(new TextDecoder().decode(event?.record));
    expect(record.requestParameters).toEqual({ userName: "bob" });
    expect(record.additionalEventData.opentrail.incomplete).toBe("furtherCalls, requestParameters, resources");
    expect(event?.index.resources).toEqual([]);
  });

  it("of a further event has the id that its rules gave it, or a new one", () => {
    const call = finishedCall(iamCall("DeleteUser", { UserName: "bob" }));
    const rules = new Map([["iam", { furtherCalls: () => [{ ...call, eventId: "given" }, call] }]]);
    const events = createEventBuilder({ newId: () => "made", rules }).build(call);
    expect(events.map(({ index }) => index.eventId)).toEqual([call.eventId, "given", "made"]);
  });

  it("has an index that agrees with it", () => {
    const call = finishedCall(iamCall("CreateAccessKey", { UserName: "bob" }));
    const [event] = createEventBuilder({ newId: () => "made" }).build(call);
    expect(event?.index).toMatchObject({
      eventId: call.eventId,
      time: Date.parse("2026-03-02T09:06:00Z") / 1000,
      account: "123456789012",
      region: "us-east-1",
      category: "Management",
      source: "iam.amazonaws.com",
      name: "CreateAccessKey",
      readOnly: false,
      accessKeyId: "ASIARZPUZDIKBEXAMPLE",
      username: "ci-run-42",
    });
  });
});
