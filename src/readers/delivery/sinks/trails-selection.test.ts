import { expect, test } from "vitest";
import type { Trail } from "../../../account/trails/trail.ts";
import type { TrailRevision } from "../../../account/trails/trail-store.ts";
import type { Selectors } from "../../../event/selector/selectors.ts";
import { TrailEnds } from "../trail-ends.ts";
import { ACCOUNT, eventEntry, NOW, REGION, SinkState } from "./sink.test-support.ts";
import { TrailsSelection } from "./trails-selection.ts";

const trail = (name: string, more: Partial<Trail> = {}): Trail => ({
  id: name,
  accountId: ACCOUNT,
  name,
  homeRegion: REGION,
  arn: `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/${name}`,
  s3BucketName: "logs",
  includeGlobalServiceEvents: true,
  isMultiRegionTrail: false,
  logFileValidationEnabled: false,
  isOrganizationTrail: false,
  recursiveLogging: true,
  logging: true,
  tags: [],
  createdAt: NOW,
  ...more,
});
const revision = (after: number, trail: Trail, removed = false): TrailRevision => ({
  after,
  requestId: `r${after}`,
  trail,
  removed,
});

const OBJECTS: Selectors = {
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
const data = (position: number) =>
  eventEntry(
    position,
    { category: "Data", name: "GetObject", readOnly: true },
    { resources: [{ type: "AWS::S3::Object", ARN: "arn:aws:s3:::b/k" }] },
  );

class Account implements Disposable {
  readonly #state = new SinkState();
  readonly #listeners: (() => void)[] = [];
  revisions: readonly TrailRevision[] = [];

  set(revisions: readonly TrailRevision[]): void {
    this.revisions = revisions;
    for (const listener of this.#listeners) listener();
  }

  selection(everyManagementEvent: boolean, counts: (trail: Trail) => boolean = () => true): TrailsSelection {
    const trails = {
      revisions: () => this.revisions,
      onChange: (listener: () => void) => (this.#listeners.push(listener), () => {}),
    };
    const covers = (trail: Trail, account: string): boolean => account === trail.accountId;
    return new TrailsSelection({ trails, ends: new TrailEnds(this.#state.open()), covers, counts, everyManagementEvent });
  }

  [Symbol.dispose](): void {
    this.#state[Symbol.dispose]();
  }
}

const positions = (events: readonly { readonly position: number }[]): readonly number[] => events.map(({ position }) => position);

test("without a trail that logs there is nothing; with one, every management event of its account and Region, whatever it selects", () => {
  using account = new Account();
  const selection = account.selection(true);
  const entries = [eventEntry(1), data(2), eventEntry(3, { region: "eu-west-1" }), eventEntry(4, { account: "999999999999" })];
  expect(positions(selection.select(entries))).toEqual([]);
  account.set([revision(0, trail("off", { logging: false }))]);
  expect(positions(selection.select(entries))).toEqual([]);
  account.set([revision(0, trail("data", { selectors: OBJECTS }))]);
  expect(positions(selection.select(entries))).toEqual([1, 2]);
  account.set([revision(0, trail("management"))]);
  expect(positions(selection.select(entries))).toEqual([1]);
  account.set([revision(0, trail("management")), revision(0, trail("data", { selectors: OBJECTS, isMultiRegionTrail: true }))]);
  expect(positions(selection.select(entries))).toEqual([1, 2, 3]);
});

test("each change holds from its place in the journal on, until the event that ended it", () => {
  using account = new Account();
  const selection = account.selection(true);
  const one = trail("one", { selectors: OBJECTS });
  account.set([revision(2, one), revision(5, { ...one, logging: false }), revision(8, one, true)]);
  const stop = eventEntry(7, { name: "StopLogging" }, { requestID: "r5" });
  const entries = [1, 2, 3]
    .map((position) => data(position))
    .concat(eventEntry(4), data(5), data(6), stop, data(8), eventEntry(9));
  expect(positions(selection.select(entries))).toEqual([3, 4, 5, 6, 7]);
  // Asked again, from anywhere: the same.
  expect(positions(selection.select(entries.slice(5)))).toEqual([6, 7]);
});

test("by name or ARN it is what such trails select, no more", () => {
  using account = new Account();
  account.set([revision(0, trail("data", { selectors: OBJECTS })), revision(0, trail("management"))]);
  const entries = [eventEntry(1), data(2)];
  expect(positions(account.selection(false, ({ name }) => name === "data").select(entries))).toEqual([2]);
  expect(positions(account.selection(false, ({ arn }) => arn === trail("management").arn).select(entries))).toEqual([1]);
  expect(positions(account.selection(false, () => false).select(entries))).toEqual([]);
});
