import { expect, test } from "vitest";
import { loadCatalogue } from "../../../aws/catalogue/catalogue.ts";
import type { Service } from "../../../aws/catalogue/model.ts";
import { cpuTime } from "../../../aws/codec/cpu-time.contract.ts";
import { readRequestHead } from "./request-head.ts";
import { UriTrie } from "./uri-trie.ts";

const head = (path: string) => readRequestHead("GET", path, ["Host", "x"]);
const trie = new UriTrie(loadCatalogue().service("s3-control") as Service);
const INSTANCES = "/v20180820/mrap/instances";

test.each([
  ["a", undefined, "GetMultiRegionAccessPoint", "a"],
  ["a/b", undefined, "GetMultiRegionAccessPoint", "a/b"],
  ["a", "policy", "GetMultiRegionAccessPointPolicy", "a"],
  ["a/b%2Fc", "policystatus", "GetMultiRegionAccessPointPolicyStatus", "a/b/c"],
  ["policy/policy", "policy", "GetMultiRegionAccessPointPolicy", "policy/policy"],
  ["policy", undefined, "GetMultiRegionAccessPoint", "policy"],
])("%s, then %s: %s", (name, tail, operation, label) => {
  const found = trie.find(head([INSTANCES, name, ...(tail === undefined ? [] : [tail])].join("/")));
  expect([found?.operation.name, [...(found?.labels.values() ?? [])]]).toEqual([operation, [label]]);
});

test("a path of many segments is read as fast as it came", () => {
  const find = (segment: string) => trie.find(head(`${INSTANCES}/${`${segment}/`.repeat(30_000)}x`))?.operation.name;
  // Where each segment is looked at from every other, it takes seconds.
  const milliseconds = cpuTime(() => {
    for (const segment of ["a", "policy"]) expect(find(segment)).toBe("GetMultiRegionAccessPoint");
  });
  expect(milliseconds).toBeLessThan(1000);
});
