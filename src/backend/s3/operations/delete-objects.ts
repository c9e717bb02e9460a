import { AwsError } from "../../../aws/aws-error.ts";
import { bucketOf, checkVersion, type S3Operation } from "../s3-call.ts";
import { s3Xml, type XmlContent } from "../s3-xml.ts";
import { childrenOf, malformedXml, readXml, textOf } from "../read-body.ts";
import type { Stretch } from "../stored.ts";

/** Keys in one DeleteObjects call. */
const MAX_KEYS = 1000;

/** What is not there counts as deleted. */
export const deleteObject: S3Operation = (call) => {
  bucketOf(call);
  checkVersion(call.query.get("versionId"));
  call.store.release(() => call.store.objects.remove(call.bucket, call.key));
  return { status: 204 };
};

export const deleteObjects: S3Operation = async (call) => {
  bucketOf(call);
  const root = await readXml(call, "Delete");
  const wanted = childrenOf(root, "Object").map((object) => ({
    key: textOf(object, "Key") ?? "",
    version: textOf(object, "VersionId") ?? null,
    etag: textOf(object, "ETag"),
  }));
  if (wanted.length === 0 || wanted.length > MAX_KEYS || wanted.some(({ key }) => key === "")) throw malformedXml();
  const deleted: XmlContent[] = [];
  const errors: XmlContent[] = [];
  call.store.release(() => {
    const files: Stretch[] = [];
    for (const { key, version, etag } of wanted) {
      try {
        checkVersion(version);
        checkEtag(etag, call.store.objects.get(call.bucket, key)?.etag);
        files.push(...call.store.objects.remove(call.bucket, key));
        deleted.push({ Key: key, VersionId: version ?? undefined });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        errors.push({ Key: key, VersionId: version ?? undefined, Code: error.code, Message: error.message });
      }
    }
    return files;
  });
  const quiet = textOf(root, "Quiet")?.trim() === "true";
  return { status: 200, body: s3Xml("DeleteResult", { Deleted: quiet ? [] : deleted, Error: errors }) };
};

/** A conditional delete goes by the object's ETag; `*` asks for no more than that there is one. */
function checkEtag(wanted: string | undefined, found: string | undefined): void {
  if (wanted === undefined || found === undefined) return;
  if (wanted !== "*" && wanted.replaceAll('"', "") !== found.replaceAll('"', "")) {
    throw new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
  }
}
