import { AwsError } from "../../../aws/aws-error.ts";
import { leapOver, listPage, readListingQuery, type Listing, type ListingQuery } from "../listing.ts";
import { storageClassOf } from "../object-headers.ts";
import { bucketOf, type S3Call, type S3Operation } from "../s3-call.ts";
import { isoMilliseconds, s3Xml, type XmlContent } from "../s3-xml.ts";
import type { StoredObject } from "../stored.ts";
import { ownerOf } from "./owner.ts";

type Elements = { readonly [name: string]: XmlContent };

export const listObjects: S3Operation = (call) => {
  bucketOf(call);
  const ask = readListingQuery(call.query, "max-keys");
  const marker = call.query.get("marker") ?? "";
  const page = list(call, ask, marker, leapOver(marker, ask));
  return {
    status: 200,
    body: s3Xml("ListBucketResult", {
      ...head(call, ask, page),
      Marker: ask.encode(marker),
      // Without a delimiter the last key is the next marker.
      NextMarker: ask.delimiter === "" || page.end === undefined ? undefined : ask.encode(page.end.name),
      Contents: page.items.map((object) => entry(ask, object, ownerOf(call))),
      ...commonPrefixes(ask, page),
    }),
  };
};

export const listObjectsV2: S3Operation = (call) => {
  bucketOf(call);
  const ask = readListingQuery(call.query, "max-keys");
  const token = call.query.get("continuation-token");
  const startAfter = call.query.get("start-after");
  const last = token === null ? undefined : fromToken(token);
  const page = list(call, ask, last ?? startAfter ?? "", last === undefined ? "" : leapOver(last, ask));
  const owner = call.query.get("fetch-owner") === "true" ? ownerOf(call) : undefined;
  return {
    status: 200,
    body: s3Xml("ListBucketResult", {
      ...head(call, ask, page),
      KeyCount: page.items.length + page.prefixes.length,
      ContinuationToken: token ?? undefined,
      StartAfter: startAfter === null ? undefined : ask.encode(startAfter),
      NextContinuationToken: page.end === undefined ? undefined : toToken(page.end.name),
      Contents: page.items.map((object) => entry(ask, object, owner)),
      ...commonPrefixes(ask, page),
    }),
  };
};

/** Every object once: versioning cannot be turned on here, and what was stored without it has the version "null". */
export const listObjectVersions: S3Operation = (call) => {
  bucketOf(call);
  const ask = readListingQuery(call.query, "max-keys");
  const marker = call.query.get("key-marker") ?? "";
  const page = list(call, ask, marker, leapOver(marker, ask));
  return {
    status: 200,
    body: s3Xml("ListVersionsResult", {
      ...head(call, ask, page),
      KeyMarker: ask.encode(marker),
      VersionIdMarker: call.query.get("version-id-marker") ?? "",
      NextKeyMarker: page.end === undefined ? undefined : ask.encode(page.end.name),
      NextVersionIdMarker: page.end?.item === undefined ? undefined : "null",
      Version: page.items.map((object) => ({
        ...entry(ask, object, ownerOf(call)),
        VersionId: "null",
        IsLatest: true,
      })),
      ...commonPrefixes(ask, page),
    }),
  };
};

function list(call: S3Call, ask: ListingQuery, after: string, leap: string): Listing<StoredObject> {
  return listPage(ask, (from) => call.store.objects.range(call.bucket, after, leap, from));
}

function head(call: S3Call, ask: ListingQuery, page: Listing<StoredObject>): Elements {
  return {
    Name: call.bucket,
    Prefix: ask.encode(ask.prefix),
    MaxKeys: ask.most,
    Delimiter: ask.delimiter === "" ? undefined : ask.encode(ask.delimiter),
    EncodingType: ask.encodingType,
    IsTruncated: page.end !== undefined,
  };
}

function entry(ask: ListingQuery, object: StoredObject, owner: Elements | undefined): Elements {
  return {
    Key: ask.encode(object.key),
    LastModified: isoMilliseconds(object.modified),
    ETag: object.etag,
    ChecksumAlgorithm: object.checksum?.algorithm.toUpperCase(),
    ChecksumType: object.checksum?.type,
    Size: object.size,
    Owner: owner,
    StorageClass: storageClassOf(object),
  };
}

function commonPrefixes(ask: ListingQuery, page: Listing<StoredObject>): Elements {
  return { CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: ask.encode(prefix) })) };
}

function toToken(last: string): string {
  return Buffer.from(last, "utf8").toString("base64url");
}

function fromToken(token: string): string {
  const last = Buffer.from(token, "base64url").toString("utf8");
  if (toToken(last) !== token || last === "") {
    throw new AwsError("InvalidArgument", "The continuation token provided is incorrect", 400);
  }
  return last;
}
