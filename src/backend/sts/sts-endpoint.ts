import { createHash } from "node:crypto";
import type { CallContext, Endpoint, EndpointRequest, EndpointResponse } from "../../aws/endpoint.ts";
import { makeKeyId } from "../../aws/key-id.ts";
import { parsePrincipalArn } from "../../aws/principal-arn.ts";
import { partitionOf } from "../../aws/region.ts";
import { escapeXml } from "../../aws/xml/escape-xml.ts";
import { notImplemented, refuse } from "../refuse.ts";

/** GetCallerIdentity, from what the gateway knows of the caller. Whoever it does not know is the account itself. */
export class StsEndpoint implements Endpoint {
  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const { context } = request;
    const query = (context.protocol ?? "awsQuery") === "awsQuery";
    if (context.operationName !== "GetCallerIdentity" || !query) return refuse(request, notImplemented(request));
    const arn = context.callerArn ?? `arn:${partitionOf(context.region).id}:iam::${context.accountId}:root`;
    const body = Buffer.from(
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
        `<Arn>${escapeXml(arn)}</Arn><UserId>${escapeXml(context.callerId ?? userIdOf(arn, context))}</UserId>` +
        `<Account>${escapeXml(context.accountId)}</Account></GetCallerIdentityResult>` +
        `<ResponseMetadata><RequestId>${escapeXml(context.requestId)}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
    );
    const headers = ["x-amzn-RequestId", context.requestId, "Content-Type", "text/xml", "Content-Length", String(body.length)];
    return { status: 200, headers, body };
  }

  async close(): Promise<void> {}
}

/** The account for the account itself; for others an id that follows from their ARN, as long as nobody knows the true one. */
function userIdOf(arn: string, { accountId }: CallContext): string {
  const principal = parsePrincipalArn(arn, accountId);
  if (principal === undefined || principal.kind === "root" || !/^\d{12}$/.test(accountId)) return accountId;
  const id = (prefix: "AIDA" | "AROA"): string =>
    makeKeyId(prefix, accountId, createHash("sha256").update(`${principal.kind}/${principal.name}`).digest());
  switch (principal.kind) {
    case "user":
      return id("AIDA");
    case "role":
      return id("AROA");
    case "assumed-role":
      return `${id("AROA")}:${principal.sessionName}`;
    case "federated-user":
      return `${accountId}:${principal.name}`;
  }
}
