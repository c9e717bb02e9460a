import { AwsError } from "../../aws/aws-error.ts";
import type { ApiOperation } from "./api-operation.ts";

/**
 * The keys that sign digests in the caller's Region. As seen at AWS, NextToken is not looked at and none is given: one answer
 * holds them all. An end in the future is fine: `validate-logs` asks up to two hours beyond its range.
 */
export const listPublicKeys: ApiOperation = {
  name: "ListPublicKeys",
  access: () => ({ resources: [] }),
  async handle(input, { signingKeys, region }) {
    const [from, to] = [input.time("StartTime"), input.time("EndTime")];
    input.text("NextToken");
    if (from !== undefined && to !== undefined && from > to) {
      throw new AwsError("InvalidTimeRangeException", "StartTime must not be after EndTime.");
    }
    const keys = (await signingKeys?.published(region, from, to)) ?? [];
    return {
      PublicKeyList: keys.map(({ value, validFrom, validTo, fingerprint }) => ({
        Value: value,
        ValidityStartTime: new Date(validFrom * 1000),
        ValidityEndTime: new Date(validTo * 1000),
        Fingerprint: fingerprint,
      })),
    };
  },
};
