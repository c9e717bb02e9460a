import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ApiCall } from "../api-call.ts";
import { finishedCall } from "../golden.test-support.ts";
import { s3DeletedKeys } from "./s3-deleted-keys.ts";
import { s3Exchange } from "./s3-exchange.test-support.ts";

const call = finishedCall(s3Exchange("DeleteObjects"));
const bytes = (text: string) => new TextEncoder().encode(text);

function withBodies(request: Uint8Array, truncated: boolean, answer?: Uint8Array): ApiCall {
  const response = call.response === undefined ? undefined : { ...call.response, body: answer };
  return { ...call, request: { ...call.request, body: request, bodyTruncated: truncated }, response };
}

const escaped = (text: string) => text.replace(/[&<>\r]/g, (character) => `&#${character.charCodeAt(0)};`);

/** What XML 1.0 can say. */
const key = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text));

test("every key comes back as it was sent, each with its own error", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(key, fc.option(fc.stringMatching(/^[a-z0-9]{1,8}$/)), fc.boolean()), {
        maxLength: 20,
        selector: ([name, version]) => `${version}/${name}`,
      }),
      (keys) => {
        const one = ([name, version]: (typeof keys)[number]) =>
          `<Key>${escaped(name)}</Key>${version === null ? "" : `<VersionId>${version}</VersionId>`}`;
        const body = `<Delete>${keys.map((each) => `<Object>${one(each)}</Object>`).join("")}</Delete>`;
        const failed = keys.filter(([, , fails]) => fails).map((each) => `<Error>${one(each)}<Code>AccessDenied</Code></Error>`);
        const found = s3DeletedKeys(withBodies(bytes(body), false, bytes(`<DeleteResult>${failed.join("")}</DeleteResult>`)));
        expect(found.map((each) => [each.key, each.versionId ?? null, each.error !== undefined])).toEqual(keys);
      },
    ),
  );
});

test("whatever the bodies are, nothing is thrown", () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(fc.constantFrom("<Delete>", "<Object>", "<Key>", "</Key>", "</Object>", "</Delete>", "k", "<!DOCTYPE", "&x;"), {
        maxLength: 20,
      })
      .map((parts) => bytes(parts.join(""))),
  );
  fc.assert(
    fc.property(body, body, fc.boolean(), (request, answer, truncated) => {
      expect(s3DeletedKeys(withBodies(request, truncated, answer)).every((each) => each.key !== "")).toBe(true);
    }),
  );
});
