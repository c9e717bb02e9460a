import { randomFillSync, randomUUID } from "node:crypto";
import type { Protocol } from "../../aws/protocol.ts";

const headerNames = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const EVEN = 256 - (256 % alphabet.length);

const store = new Uint8Array(4096);
let used = store.length;

/** Whether answers of the service with this catalogue id carry S3's two ids; S3 Control's do. */
export function isS3Family(serviceId: string): boolean {
  return serviceId === "s3" || serviceId === "s3-control";
}

/** An id in the form of the service's own: sixteen capitals and digits for S3, a UUID for all others. */
export function makeRequestId(isS3: boolean): string {
  if (!isS3) return randomUUID();
  let id = "";
  while (id.length < 16) {
    const octet = randomOctet();
    // Above, some characters would come more often than others.
    if (octet < EVEN) id += alphabet[octet % alphabet.length];
  }
  return id;
}

/** One that nobody can guess, from a store: each trip to the system's generator costs as much as a store full of them. */
function randomOctet(): number {
  if (used === store.length) {
    randomFillSync(store);
    used = 0;
  }
  return store[used++] ?? 0;
}

/** The id that the service gave, in a header or, in XML protocols, in the body; undefined where it gave none. */
export function givenRequestId(
  protocol: Protocol,
  headers: ReadonlyMap<string, string>,
  body: Uint8Array | undefined,
): string | undefined {
  for (const name of headerNames) {
    const value = headers.get(name)?.trim();
    if (value !== undefined && value !== "") return value.slice(0, 256);
  }
  if (body === undefined || (protocol !== "awsQuery" && protocol !== "ec2Query" && protocol !== "restXml")) return undefined;
  // It stands first (EC2) or last (all others).
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const edges =
    body.byteLength <= 8192
      ? view.toString("latin1")
      : view.toString("latin1", 0, 4096) + view.toString("latin1", body.byteLength - 4096);
  return /<request_?id>\s*([\w.-]{1,256})\s*<\/request_?id>/i.exec(edges)?.[1];
}

/**
 * Header lines that an answer lacks: the request id made in the service's stead, and S3's second id, which some makers of
 * S3 leave out although CloudTrail's records have it.
 */
export function missingIdLines(isS3: boolean, headers: ReadonlyMap<string, string>, requestId: string | undefined): string[] {
  const lines: string[] = [];
  if (requestId !== undefined) lines.push(isS3 ? "x-amz-request-id" : "x-amzn-RequestId", requestId);
  if (isS3 && !headers.has("x-amz-id-2"))
    lines.push("x-amz-id-2", Buffer.from(Array.from({ length: 56 }, randomOctet)).toString("base64"));
  return lines;
}
