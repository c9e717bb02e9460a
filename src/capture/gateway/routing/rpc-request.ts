import type { Service } from "../../../aws/catalogue/model.ts";
import type { Protocol } from "../../../aws/protocol.ts";
import { queryValue, type RequestHead } from "./request-head.ts";

/** An operation that the request names itself, in whichever RPC protocol. */
export interface RpcRequest {
  readonly kind: "target" | "cbor" | "action";
  readonly operationName: string;
  /** Prefix of the target, shape name, or API version: what tells services apart. */
  readonly qualifier: string | undefined;
}

/** Reads `X-Amz-Target`, the path of Smithy RPC v2, or `Action` in the query string; undefined for all else. */
export function readRpcRequest(head: RequestHead): RpcRequest | undefined {
  const target = head.headers.get("x-amz-target");
  if (target !== undefined && target !== "") {
    const dot = target.lastIndexOf(".");
    return { kind: "target", operationName: target.slice(dot + 1), qualifier: dot === -1 ? undefined : target.slice(0, dot) };
  }
  if (head.headers.get("smithy-protocol") === "rpc-v2-cbor") {
    const path = /\/service\/([^/]+)\/operation\/([^/]+)$/.exec(head.path);
    if (path !== null) return { kind: "cbor", operationName: path[2] ?? "", qualifier: path[1] };
  }
  const action = queryValue(head, "Action");
  return action === undefined || action === ""
    ? undefined
    : { kind: "action", operationName: action, qualifier: queryValue(head, "Version") };
}

/** Whether the operation may stand in a form in the body. */
export function isForm(head: RequestHead): boolean {
  return head.method === "POST" && /^application\/x-www-form-urlencoded\b/i.test(head.headers.get("content-type") ?? "");
}

/** The service that speaks such a request, among those that the signature allows. */
export function serviceOf(rpc: RpcRequest, candidates: readonly Service[]): Service | undefined {
  const { qualifier } = rpc;
  const speaking = candidates.filter((service) => service.protocols.some((protocol) => speaks(rpc.kind, protocol)));
  const exact = speaking.filter((service) => qualifier !== undefined && isQualifiedBy(service, rpc.kind, qualifier));
  const knows = (service: Service): boolean => service.operation(rpc.operationName) !== undefined;
  // A prefix or version that no model has (an older API, an emulator's client) still names the operation.
  return exact.find(knows) ?? exact[0] ?? speaking.find(knows);
}

function isQualifiedBy(service: Service, kind: RpcRequest["kind"], qualifier: string): boolean {
  if (kind === "action") return service.version === qualifier;
  if (kind === "cbor") return service.shapeName === qualifier;
  // CloudTrail's own clients put `com.amazonaws.cloudtrail.v20131101.` in front of the prefix that the SDKs send.
  return (
    service.targetPrefix !== undefined && (qualifier === service.targetPrefix || qualifier.endsWith(`.${service.targetPrefix}`))
  );
}

/** The protocol on the wire. Where the content type says nothing, the first that the service models. */
export function rpcProtocol(rpc: RpcRequest, service: Service | undefined, contentType: string | undefined): Protocol {
  if (rpc.kind === "cbor") return "rpcv2Cbor";
  if (rpc.kind === "action") return service?.protocols.find((protocol) => speaks("action", protocol)) ?? "awsQuery";
  const version = /^application\/x-amz-(json-1\.0|json-1\.1|cbor-1\.1)\b/i.exec(contentType ?? "")?.[1]?.toLowerCase();
  if (version === "json-1.0") return "awsJson1_0";
  if (version === "json-1.1") return "awsJson1_1";
  // The Java SDK talks to Kinesis in CBOR below a JSON protocol's target; bodies read like those of RPC v2.
  if (version === "cbor-1.1") return "rpcv2Cbor";
  return service?.protocols.find((protocol) => speaks("target", protocol)) ?? "awsJson1_1";
}

function speaks(kind: RpcRequest["kind"], protocol: Protocol): boolean {
  if (kind === "action") return protocol === "awsQuery" || protocol === "ec2Query";
  if (kind === "cbor") return protocol === "rpcv2Cbor";
  return protocol === "awsJson1_0" || protocol === "awsJson1_1";
}
