import {
  type AdvancedEventSelector,
  CreateTrailCommand,
  type EventSelector,
  GetEventSelectorsCommand,
  GetTrailCommand,
  PutEventSelectorsCommand,
} from "@aws-sdk/client-cloudtrail";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

let api: ServedApi;
let trails = 0;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const arnOf = (name: string): string => `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/${name}`;

async function newTrail(): Promise<string> {
  const Name = `selecting-${(trails += 1)}`;
  // The first is in all Regions.
  await api.client("us-east-1").send(new CreateTrailCommand({ Name, S3BucketName: "logs", IsMultiRegionTrail: trails === 1 }));
  return Name;
}

async function put(
  TrailName: string,
  selectors: { EventSelectors?: EventSelector[]; AdvancedEventSelectors?: AdvancedEventSelector[] },
) {
  const { $metadata: _, ...output } = await api.client().send(new PutEventSelectorsCommand({ TrailName, ...selectors }));
  return output;
}

async function get(TrailName: string, region?: string) {
  const { $metadata: _, ...output } = await api.client(region).send(new GetEventSelectorsCommand({ TrailName }));
  return output;
}

const one: AdvancedEventSelector = {
  Name: "one prefix",
  FieldSelectors: [
    { Field: "eventCategory", Equals: ["Data"] },
    { Field: "resources.type", Equals: ["AWS::S3::Object"] },
    { Field: "resources.ARN", StartsWith: ["arn:aws:s3:::data/in/"], NotEndsWith: [".tmp"] },
    { Field: "userIdentity.arn", NotEquals: [`arn:aws:iam::${ACCOUNT}:user/robot`] },
  ],
};

test("what a trail has, from its first day on", async () => {
  const name = await newTrail();
  const none = {
    TrailARN: arnOf(name),
    EventSelectors: [
      { ReadWriteType: "All", IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
    ],
  };
  expect(await get(name)).toEqual(none);
  // A shadow trail is asked for by ARN.
  expect(await get(arnOf(name), "eu-west-1")).toEqual(none);

  const basic: EventSelector = {
    ReadWriteType: "WriteOnly",
    DataResources: [{ Type: "AWS::Lambda::Function", Values: ["arn:aws:lambda"] }],
  };
  const stored = { ...basic, IncludeManagementEvents: true, ExcludeManagementEventSources: [] };
  expect(await put(name, { EventSelectors: [basic] })).toEqual({ TrailARN: arnOf(name), EventSelectors: [stored] });
  expect(await get(name)).toEqual({ TrailARN: arnOf(name), EventSelectors: [stored] });

  expect(await put(arnOf(name), { AdvancedEventSelectors: [one] })).toEqual({
    TrailARN: arnOf(name),
    AdvancedEventSelectors: [one],
  });
  const [category, type, arn, identity] = one.FieldSelectors ?? [];
  const sorted = { TrailARN: arnOf(name), AdvancedEventSelectors: [{ ...one, FieldSelectors: [identity, category, arn, type] }] };
  expect(await get(name)).toEqual(sorted);
  const { Trail } = await api.client().send(new GetTrailCommand({ Name: name }));
  expect(Trail?.HasCustomEventSelectors).toBe(true);

  await api.restart();
  expect(await get(name)).toEqual(sorted);
  // And the other way round: one kind takes the place of the other.
  await put(name, { EventSelectors: [basic] });
  expect(await get(name)).toEqual({ TrailARN: arnOf(name), EventSelectors: [stored] });
});

test("a refused request leaves everything as it was", async () => {
  const name = await newTrail();
  await put(name, { AdvancedEventSelectors: [one] });
  const before = await get(name);
  const refusals = [
    {},
    { EventSelectors: [] },
    { AdvancedEventSelectors: [] },
    { EventSelectors: [{}], AdvancedEventSelectors: [one] },
    { EventSelectors: [{ DataResources: [{ Type: "AWS::S3::Object", Values: ["arn:aws:s3:::data"] }] }] },
    { AdvancedEventSelectors: [one, { FieldSelectors: [{ Field: "eventName", Equals: ["PutObject"] }] }] },
  ];
  for (const selectors of refusals) {
    expect((await failure(put(name, selectors)))[0]).toBe("InvalidEventSelectorsException");
  }
  expect(await failure(put(name, refusals[4] ?? {}))).toEqual([
    "InvalidEventSelectorsException",
    "Value arn:aws:s3:::data for DataResources.Values is invalid.",
  ]);
  expect(await get(name)).toEqual(before);
});

test("only the owner's trail, only at home", async () => {
  const name = await newTrail();
  const attempt = async (TrailName: string | undefined, region?: string, account?: string): Promise<string> =>
    (await failure(api.client(region, account).send(new PutEventSelectorsCommand({ TrailName, EventSelectors: [{}] }))))[0];
  expect(await attempt("missing")).toBe("TrailNotFoundException");
  expect(await attempt("selecting-1", "eu-west-1")).toBe("InvalidHomeRegionException");
  expect(await attempt(arnOf(name), "us-east-1", OTHER_ACCOUNT)).toBe("TrailNotFoundException");
  expect(await attempt(undefined)).toBe("InvalidTrailNameException");
  expect(await attempt("arn:aws:s3:::data")).toBe("CloudTrailARNInvalidException");
});

test("a change has its place in the journal", async () => {
  const name = await newTrail();
  api.journalEnd = 41;
  await put(name, { AdvancedEventSelectors: [one] });
  const revision = api.trails.revisions().findLast(({ trail }) => trail.name === name);
  expect(revision).toMatchObject({ after: 41, removed: false, trail: { selectors: { kind: "advanced" } } });
});

test("large selectors that are replaced faster than delivery forgets them are held up", async () => {
  const name = await newTrail();
  const values = Array.from({ length: 490 }, (_, at) => `arn:aws:s3:::${at}${"x".repeat(2000)}`);
  const trail = await api.trails.get({ accountId: ACCOUNT, homeRegion: "us-east-1", name });
  const large = (FieldSelectors: AdvancedEventSelector["FieldSelectors"] = []): AdvancedEventSelector[] => [
    {
      FieldSelectors: [
        { Field: "eventCategory", Equals: ["Data"] },
        { Field: "resources.type", Equals: ["AWS::S3::Object"] },
        ...FieldSelectors,
      ],
    },
  ];
  await put(name, { AdvancedEventSelectors: large([{ Field: "resources.ARN", StartsWith: values }]) });
  const { selectors } = (await api.trails.get(trail ?? { accountId: "", homeRegion: "", name: "" })) ?? {};
  if (trail === undefined || selectors === undefined) throw new Error("there is no such trail");
  for (let time = 0; time < 140; time++)
    await api.trails.update(trail, { after: 1, requestId: `r${time}` }, (now) => ({ ...now, selectors, createdAt: time }));
  expect(await failure(put(name, { AdvancedEventSelectors: large() }))).toEqual(["ThrottlingException", "Rate exceeded"]);
  // Of other trails, nothing is held up.
  await put("selecting-1", { AdvancedEventSelectors: large() });
}, 30_000);
