import { expect, test } from "vitest";
import { loadCatalogue } from "../catalogue/catalogue.ts";
import type { TreeObject } from "../tree.ts";
import { decodeResponse } from "./decode-response.ts";
import { encodeQueryResponse } from "./encode-query-response.ts";

const catalogue = loadCatalogue();

/** Encodes, and reads what a client would. */
function roundTrip(service: string, name: string, output: TreeObject): { readonly xml: string; readonly back: TreeObject } {
  const operation = catalogue.service(service)!.operation(name)!;
  const { status, body } = encodeQueryResponse(operation, output, "r-1");
  return { xml: Buffer.from(body).toString(), back: decodeResponse(operation, "awsQuery", { status, headers: new Map(), body }) };
}

test("flattened lists and maps under their own names", () => {
  const output = {
    Messages: [{ MessageId: "1", Body: "a < b & c", Attributes: { SentTimestamp: "5", SenderId: "x" } }, { MessageId: "2" }],
  };
  const { xml, back } = roundTrip("sqs", "ReceiveMessage", output);
  expect(back).toEqual(output);
  expect(xml).toContain("<Attribute><Name>SentTimestamp</Name><Value>5</Value></Attribute>");
  expect(xml).toContain("<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></ReceiveMessageResponse>");
});

test("lists and maps that are not, structures, blobs, times, numbers", () => {
  const user = { Path: "/", UserName: "bob", UserId: "AIDA", Arn: "arn", CreateDate: new Date(1_772_442_301_000) };
  expect(roundTrip("iam", "ListUsers", { Users: [user], IsTruncated: false }).back).toEqual({
    Users: [user],
    IsTruncated: false,
  });
  const attributes = { Attributes: { Policy: "{}", Owner: "1" } };
  expect(roundTrip("sns", "GetTopicAttributes", attributes).back).toEqual(attributes);
});

test("nothing to say", () => {
  expect(roundTrip("sqs", "DeleteMessage", {}).back).toEqual({});
});
