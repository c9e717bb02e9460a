import { AwsError } from "../../aws/aws-error.ts";
import type { Tag, Trail } from "../../account/trails/trail.ts";
import type { Access } from "../authorization/access.ts";
import type { ApiRequest } from "./api-operation.ts";
import { visibleTrails } from "./find-trail.ts";
import { notManagementAccount } from "./organization-access.ts";
import { type ResourceReference, resourceReference } from "./resource-reference.ts";

/**
 * The trail whose tags are asked for. Of what else can have tags there is nothing yet, and each type says so in its own way.
 * Throws `CloudTrailARNInvalidException`, also for another Region's and another account's, `ResourceTypeNotSupportedException`,
 * `InvalidTrailNameException`, `ResourceNotFoundException`, `EventDataStoreNotFoundException`, `ChannelNotFoundException` and
 * their like for ids of another form.
 */
export async function taggedTrail(text: string | undefined, call: ApiRequest): Promise<Trail> {
  const reference = resourceReference(text, invalidArn);
  const trail = (await visibleTrails(call)).find(({ arn }) => arn === reference.arn);
  checkPlace(reference, trail, call);
  if (reference.type === "eventdatastore") throw eventDataStoreMissing(reference);
  if (reference.type === "channel") throw channelMissing(reference);
  if (trail === undefined) throw new AwsError("ResourceNotFoundException", `Resource not found: ${reference.arn}`);
  return trail;
}

/** The same, for changing them. Throws `NotOrganizationMasterAccountException` besides. */
export async function trailToTag(text: string | undefined, call: ApiRequest): Promise<Trail> {
  const trail = await taggedTrail(text, call);
  if (trail.accountId !== call.accountId && call.organization?.roleOf(call.accountId) !== "delegated")
    throw notManagementAccount();
  return trail;
}

/** What a policy sees of resources that are named by ARN: the Service Authorization Reference names all four types. */
export async function resourceAccess(
  texts: readonly (string | undefined)[],
  call: ApiRequest,
  requestTags: readonly Tag[] = [],
): Promise<Omit<Access, "action">> {
  const visible = await visibleTrails(call);
  const resources = texts.map((text) => {
    const { arn } = resourceReference(text, invalidArn);
    return { arn, tags: visible.find((trail) => trail.arn === arn)?.tags ?? [] };
  });
  return { resources, requestTags };
}

export function invalidArn(text: string): AwsError {
  return new AwsError("CloudTrailARNInvalidException", `Invalid ARN: ${text}`);
}

/** Tags are kept where their resource is at home. */
function checkPlace({ region, accountId }: ResourceReference, trail: Trail | undefined, call: ApiRequest): void {
  if (accountId !== call.accountId && trail === undefined) {
    throw new AwsError(
      "CloudTrailARNInvalidException",
      `AccountID in ARN is wrong, you can only access resources with AccountID ${call.accountId}.`,
    );
  }
  if (region !== call.region) {
    throw new AwsError(
      "CloudTrailARNInvalidException",
      `Region in ARN is wrong, you can only access resources in region ${call.region}.`,
    );
  }
}

const EVENT_DATA_STORE_ID = /^[a-zA-Z0-9-]{3,128}$/;
const CHANNEL_ID = /^[a-zA-Z0-9._/-]{3,128}$/;

function eventDataStoreMissing({ arn, name }: ResourceReference): AwsError {
  return EVENT_DATA_STORE_ID.test(name)
    ? new AwsError("EventDataStoreNotFoundException", `Event data store not found: ${arn}`)
    : new AwsError("EventDataStoreARNInvalidException", `Invalid event data store ARN: ${arn}`);
}

function channelMissing({ arn, name }: ResourceReference): AwsError {
  return CHANNEL_ID.test(name)
    ? new AwsError("ChannelNotFoundException", `Channel not found: ${arn}`)
    : new AwsError("ChannelARNInvalidException", `Invalid channel ARN: ${arn}`);
}
