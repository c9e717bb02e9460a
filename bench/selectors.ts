/** Nanoseconds that one event costs a trail's selectors, from its index and record to the decision: `node bench/selectors.ts`. */
import { createEventBuilder } from "../src/event/build-event.ts";
import { cliAgent, deployer, finishedCall } from "../src/event/golden.test-support.ts";
import { compileSelectors } from "../src/event/selector/compile-selectors.ts";
import { DEFAULT_SELECTORS, type FieldSelector, type Selectors } from "../src/event/selector/selectors.ts";
import { viewOfEntry } from "../src/event/selector/view-of-entry.ts";
import { viewOfRecord } from "../src/event/selector/view-of-record.ts";

const call = finishedCall({
  service: "s3",
  operation: "PutObject",
  protocol: "restXml",
  method: "PUT",
  target: "/in/a.csv",
  s3: { bucket: "data", key: "in/a.csv" },
  host: "data.s3.us-east-1.amazonaws.com",
  headers: { "content-length": "1187" },
  bodyBytes: 1187,
  userAgent: cliAgent("s3.put-object"),
  caller: deployer,
  requestId: "aaaaaaaa-0000-4000-8000-000000000001",
  eventId: "eeeeeeee-0000-4000-8000-000000000002",
  completed: "2026-03-02T09:05:01Z",
  answer: { status: 200 },
});
const [built] = createEventBuilder({ newId: () => "eeeeeeee-0000-4000-8000-000000000003" }).build(call);
if (built === undefined) throw new Error("no event was built");
const { index, record } = built;
const parsed = viewOfRecord(JSON.parse(Buffer.from(record).toString("utf8")));

const data: FieldSelector = { field: "eventCategory", equals: ["Data"] };
const objects: FieldSelector = { field: "resources.type", equals: ["AWS::S3::Object"] };
const prefixes = (count: number): FieldSelector => ({
  field: "resources.ARN",
  startsWith: Array.from({ length: count }, (_, at) => `arn:aws:s3:::bucket-${at}/logs/`),
});
const advanced = (...fieldSelectors: FieldSelector[]): Selectors => ({ kind: "advanced", selectors: [{ fieldSelectors }] });

const sets: Readonly<Record<string, Selectors>> = {
  "default, a data event": DEFAULT_SELECTORS,
  "basic, 250 prefixes": {
    kind: "basic",
    selectors: [
      {
        readWriteType: "All",
        includeManagementEvents: true,
        excludeManagementEventSources: ["kms.amazonaws.com"],
        dataResources: [{ type: "AWS::S3::Object", values: prefixes(250).startsWith ?? [] }],
      },
    ],
  },
  "advanced, one prefix": advanced(data, objects, prefixes(1)),
  "advanced, 498 prefixes": advanced(data, objects, prefixes(498)),
  "advanced, names and negatives": advanced(
    data,
    objects,
    { field: "eventName", startsWith: ["Put", "Delete"], notEndsWith: ["Tagging", "Acl"] },
    { field: "userIdentity.arn", notStartsWith: ["arn:aws:sts::123456789012:assumed-role/replication"] },
    { field: "resources.ARN", notStartsWith: prefixes(100).startsWith ?? [] },
  ),
};

const ROUNDS = 2_000_000;
for (const [name, selectors] of Object.entries(sets)) {
  const takes = compileSelectors(selectors);
  const evaluated = nanoseconds(ROUNDS, () => takes(parsed));
  const whole = nanoseconds(ROUNDS / 10, () => takes(viewOfEntry(index, record)));
  console.log(
    `${name.padEnd(32)} ${evaluated.toFixed(0).padStart(6)} ns on a view ${whole.toFixed(0).padStart(8)} ns on an entry`,
  );
}

function nanoseconds(rounds: number, decide: () => boolean): number {
  let taken = 0;
  for (let round = 0; round < rounds / 10; round += 1) if (decide()) taken += 1;
  const started = process.hrtime.bigint();
  for (let round = 0; round < rounds; round += 1) if (decide()) taken += 1;
  const spent = Number(process.hrtime.bigint() - started) / rounds;
  // What is counted cannot be left out by the compiler.
  if (taken < 0) throw new Error("unreachable");
  return spent;
}
