import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTrailStore } from "../account/trails/drivers/sqlite/open-trail-store.ts";
import { describeTrailStore } from "../account/trails/trail-store.contract.ts";
import type { Trail } from "../account/trails/trail.ts";
import { organizationSchema } from "../account/organization/organization-schema.ts";
import type { Selectors } from "../event/selector/selectors.ts";
import { dataInterests } from "./data-interests.ts";
import { SelectingTrails } from "./selecting-trails.ts";

const root = mkdtempSync(join(tmpdir(), "selecting-trails-"));
const clean = (): void => rmSync(root, { recursive: true, force: true });
const store = (name: string) => openTrailStore(join(root, name, "trails.sqlite"));

describeTrailStore(
  async () => new SelectingTrails(store("contract"), async () => {}),
  async () => clean(),
);

const data: Selectors = {
  kind: "advanced",
  selectors: [
    {
      fieldSelectors: [
        { field: "eventCategory", equals: ["Data"] },
        { field: "resources.type", equals: ["AWS::S3::Object"] },
      ],
    },
  ],
};
const trail = (name: string, more: Partial<Trail> = {}): Trail => ({
  id: name,
  accountId: "111122223333",
  name,
  homeRegion: "eu-west-1",
  arn: `arn:aws:cloudtrail:eu-west-1:111122223333:trail/${name}`,
  s3BucketName: "logs",
  includeGlobalServiceEvents: true,
  isMultiRegionTrail: false,
  logFileValidationEnabled: false,
  isOrganizationTrail: false,
  recursiveLogging: true,
  logging: true,
  tags: [],
  createdAt: 0,
  ...more,
});

/** What was to be put in force, and when each time it was. */
let enforced: (readonly string[])[];
let hold: PromiseWithResolvers<void> | undefined;
let trails: SelectingTrails;
beforeEach(() => {
  enforced = [];
  hold = undefined;
  trails = new SelectingTrails(store("enforcing"), async (all) => {
    await hold?.promise;
    enforced.push(all.map(({ name, logging }) => `${name}${logging ? "" : " stopped"}`).toSorted());
  });
});
afterEach(async () => {
  hold?.resolve();
  await trails.close();
  clean();
});
const place = { after: 0, requestId: "r" };

test("a change has resolved when it is in force, and not before", async () => {
  await trails.add(trail("one"), place, () => {});
  expect(enforced).toEqual([["one"]]);
  hold = Promise.withResolvers();
  let resolved = false;
  const stored = new Promise<void>((resolve) => trails.onChange(resolve));
  const stopping = trails.update(trail("one"), place, (now) => ({ ...now, logging: false })).then(() => (resolved = true));
  await stored;
  await new Promise((wake) => setImmediate(wake));
  expect(resolved).toBe(false);
  hold.resolve();
  await stopping;
  expect(enforced.at(-1)).toEqual(["one stopped"]);
  await trails.remove(trail("one"), place);
  expect(enforced.at(-1)).toEqual([]);
});

test("of changes at once, what is in force last is what was stored last", async () => {
  await trails.add(trail("one"), place, () => {});
  hold = Promise.withResolvers();
  const changes = [
    trails.add(trail("two"), place, () => {}),
    trails.update(trail("one"), place, (now) => ({ ...now, logging: false })),
    trails.add(trail("three"), place, () => {}),
  ];
  hold.resolve();
  await Promise.all(changes);
  expect(enforced.at(-1)).toEqual(
    (await trails.all()).map(({ name, logging }) => `${name}${logging ? "" : " stopped"}`).toSorted(),
  );
  expect(enforced.at(-1)).toEqual(["one stopped", "three", "two"]);
});

test("a change that could not be put in force fails, and the next one does not", async () => {
  hold = Promise.withResolvers();
  const adding = trails.add(trail("one"), place, () => {});
  hold.reject(new Error("no process answers"));
  await expect(adding).rejects.toThrow("no process answers");
  hold = undefined;
  await trails.add(trail("two"), place, () => {});
  expect(enforced).toEqual([["one", "two"]]);
});

test("what trails want of data events, and where", () => {
  const { managementAccount, members } = organizationSchema.parse({
    id: "o-exampleorgid",
    managementAccount: "111122223333",
    members: ["444455556666"],
  });
  const organization = { accounts: [managementAccount, ...members] };
  const management: Selectors = {
    kind: "basic",
    selectors: [{ readWriteType: "All", includeManagementEvents: true, excludeManagementEventSources: [], dataResources: [] }],
  };
  const all = [
    trail("default"),
    trail("management", { selectors: management }),
    trail("stopped", { selectors: data, logging: false }),
    trail("here", { selectors: data }),
    trail("everywhere", { selectors: data, isMultiRegionTrail: true, homeRegion: "cn-north-1" }),
    trail("all accounts", { selectors: data, isOrganizationTrail: true }),
  ];
  expect(dataInterests(all, organization)).toEqual([
    { selectors: data, accounts: ["111122223333"], region: "eu-west-1", partition: "aws" },
    { selectors: data, accounts: ["111122223333"], partition: "aws-cn" },
    { selectors: data, accounts: ["111122223333", "444455556666"], region: "eu-west-1", partition: "aws" },
  ]);
});
