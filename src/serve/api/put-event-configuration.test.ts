import {
  type AggregationConfiguration,
  CreateTrailCommand,
  GetEventConfigurationCommand,
  PutEventConfigurationCommand,
  type PutEventConfigurationCommandInput,
} from "@aws-sdk/client-cloudtrail";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Selectors } from "../../event/selector/selectors.ts";
import { ACCOUNT, failure, serveApi, type ServedApi } from "./api.test-support.ts";

const ARN = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit`;

let api: ServedApi;
beforeEach(async () => {
  api = await serveApi();
  await api.client().send(new CreateTrailCommand({ Name: "audit", S3BucketName: "logs", IsMultiRegionTrail: true }));
});
afterEach(() => api.close());

async function select(selectors: Selectors): Promise<void> {
  const [trail] = await api.trails.list(ACCOUNT);
  await api.trails.update(trail!, { after: 0, requestId: "" }, (now) => ({ ...now, selectors }));
}
const data: Selectors = { kind: "advanced", selectors: [{ fieldSelectors: [{ field: "eventCategory", equals: ["Data"] }] }] };
const templates = (...Templates: string[]): AggregationConfiguration[] => [
  { EventCategory: "Data", Templates: Templates as AggregationConfiguration["Templates"] },
];
const put = async (input: PutEventConfigurationCommandInput, region?: string): Promise<object> => {
  const { $metadata: _, ...answer } = await api.client(region).send(new PutEventConfigurationCommand(input));
  return answer;
};
const get = async (TrailName: string, region?: string): Promise<object> => {
  const { $metadata: _, ...answer } = await api.client(region).send(new GetEventConfigurationCommand({ TrailName }));
  return answer;
};

test("is set, shown and taken away", async () => {
  await select(data);
  expect(await get("audit")).toEqual({ TrailARN: ARN, AggregationConfigurations: [] });
  const set = { TrailARN: ARN, AggregationConfigurations: templates("API_ACTIVITY", "USER_ACTIONS") };
  expect(await put({ TrailName: "audit", AggregationConfigurations: templates("USER_ACTIONS", "API_ACTIVITY") })).toEqual(set);
  await api.restart();
  expect(await get(ARN, "eu-west-1")).toEqual(set);
  expect(await put({ TrailName: ARN, AggregationConfigurations: [] })).toEqual({ TrailARN: ARN, AggregationConfigurations: [] });
  expect((await api.trails.list(ACCOUNT))[0]).not.toHaveProperty("aggregationTemplates");
});

test.each<[PutEventConfigurationCommandInput, string]>([
  [{}, "InvalidParameterException"],
  [{ TrailName: "audit" }, "InvalidParameterException"],
  [{ TrailName: "audit", EventDataStore: "x", AggregationConfigurations: [] }, "InvalidParameterCombinationException"],
  [{ TrailName: "audit", MaxEventSize: "Large", AggregationConfigurations: [] }, "InvalidParameterCombinationException"],
  [{ TrailName: "audit", ContextKeySelectors: [], AggregationConfigurations: [] }, "InvalidParameterCombinationException"],
  [
    { TrailName: "audit", AggregationConfigurations: [...templates("API_ACTIVITY"), ...templates("USER_ACTIONS")] },
    "InvalidParameterException",
  ],
  [{ TrailName: "audit", AggregationConfigurations: templates() }, "InvalidParameterException"],
  [{ TrailName: "audit", AggregationConfigurations: templates("X") }, "InvalidParameterException"],
  [{ TrailName: "audit", AggregationConfigurations: templates("API_ACTIVITY", "API_ACTIVITY") }, "InvalidParameterException"],
  [
    { TrailName: "audit", AggregationConfigurations: [{ EventCategory: "Management" as "Data", Templates: ["API_ACTIVITY"] }] },
    "InvalidParameterException",
  ],
  [{ TrailName: "other", AggregationConfigurations: [] }, "TrailNotFoundException"],
  [{ TrailName: "a b", AggregationConfigurations: [] }, "InvalidTrailNameException"],
  [{ EventDataStore: "EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE", MaxEventSize: "Large" }, "EventDataStoreNotFoundException"],
  [
    { EventDataStore: `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:eventdatastore/EXAMPLE`, MaxEventSize: "Large" },
    "EventDataStoreNotFoundException",
  ],
  [
    { EventDataStore: `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/x`, MaxEventSize: "Large" },
    "EventDataStoreARNInvalidException",
  ],
])("%j: %s", async (input, name) => {
  await select(data);
  expect((await failure(put(input)))[0]).toBe(name);
});

test("needs data events to aggregate, and the trail's home Region", async () => {
  const input = { TrailName: "audit", AggregationConfigurations: templates("API_ACTIVITY") };
  expect((await failure(put(input)))[0]).toBe("InvalidParameterException");
  expect((await failure(put(input, "eu-west-1")))[0]).toBe("InvalidHomeRegionException");
  const [selector] = [{ readWriteType: "All", includeManagementEvents: true, excludeManagementEventSources: [] } as const];
  await select({
    kind: "basic",
    selectors: [{ ...selector, dataResources: [{ type: "AWS::S3::Object", values: ["arn:aws:s3"] }] }],
  });
  expect(await put(input)).toMatchObject({ TrailARN: ARN });
});
