import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../aws/catalogue/catalogue.ts";
import { recordsOf } from "../golden.test-support.ts";
import { s3Exchange } from "./s3-exchange.test-support.ts";

describe("s3-control", () => {
  test("is recorded as S3, with its own host and without resources", () => {
    expect(loadCatalogue().service("s3-control")).toBeDefined();
    const controlHost = "123456789012.s3-control.us-east-1.amazonaws.com";
    const [record] = recordsOf({
      ...s3Exchange("PutPublicAccessBlock", {}),
      service: "s3-control",
      host: controlHost,
      method: "PUT",
      target: "/v20180820/configuration/publicAccessBlock",
      headers: { "x-amz-account-id": "123456789012" },
      body: '<PublicAccessBlockConfiguration xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>',
    });
    expect(record).toMatchObject({
      eventSource: "s3.amazonaws.com",
      eventName: "PutAccountPublicAccessBlock",
      requestParameters: {
        Host: controlHost,
        PublicAccessBlockConfiguration: { xmlns: "http://awss3control.amazonaws.com/doc/2018-08-20/", BlockPublicAcls: true },
      },
      responseElements: null,
    });
    expect(record).not.toHaveProperty("resources");
  });
});
