/** Fields of a browser's upload by HTML form that say who uploads what. */
export interface UploadForm {
  readonly key: string | undefined;
  /** `KEY/DATE/REGION/SERVICE/aws4_request` */
  readonly credential: string | undefined;
  /** Key id of the older form of policy. */
  readonly accessKeyId: string | undefined;
  readonly securityToken: boolean;
}

/** S3 takes at most 20 KB of form data besides the file ("POST Object" in the Amazon S3 API Reference). */
export const UPLOAD_FIELDS_MAX = 20 * 1024;

/** The fields in front of the file of a `multipart/form-data` body, lower-case names. What is broken is skipped. */
export interface UploadFields {
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
}

/** @param beginning the body's first `UPLOAD_FIELDS_MAX` bytes, or all of it. */
export function readUploadFields(contentType: string, beginning: Uint8Array): UploadFields {
  const boundary = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType);
  const fields = new Map<string, string>();
  let fileName = "";
  if (boundary !== null) {
    const text = Buffer.from(beginning.buffer, beginning.byteOffset, Math.min(beginning.byteLength, UPLOAD_FIELDS_MAX)).toString(
      "utf8",
    );
    for (const part of text.split(`--${boundary[1] ?? boundary[2] ?? ""}`).slice(1)) {
      const gap = part.indexOf("\r\n\r\n");
      const head = gap === -1 ? part : part.slice(0, gap);
      const name = /\bname="([^"]*)"/i.exec(head)?.[1]?.toLowerCase();
      if (name === "file") {
        fileName = /\bfilename="([^"]*)"/i.exec(head)?.[1] ?? "";
        break;
      }
      if (name !== undefined && gap !== -1) fields.set(name, part.slice(gap + 4).replace(/\r\n$/, ""));
    }
  }
  return { fields, fileName };
}

/** Reads who uploads what; `${filename}` in the key is replaced by the file's name, as S3 does. */
export function readUploadForm(contentType: string, beginning: Uint8Array): UploadForm {
  const { fields, fileName } = readUploadFields(contentType, beginning);
  return {
    key: fields.get("key")?.replaceAll("${filename}", () => fileName),
    credential: fields.get("x-amz-credential"),
    accessKeyId: fields.get("awsaccesskeyid"),
    securityToken: fields.has("x-amz-security-token"),
  };
}
