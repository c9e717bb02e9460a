import type { AccountDirectory } from "../../account/identities/account-directory.ts";
import { AwsError } from "../../aws/aws-error.ts";
import { iamAction } from "../../aws/catalogue/facts/iam-action.ts";
import type { CallContext } from "../../aws/endpoint.ts";
import type { PolicyDocument } from "../../aws/managed-policies.ts";
import { partitionOf } from "../../aws/region.ts";
import type { Clock } from "../../base/clock.ts";
import type { ApiCall } from "../../event/api-call.ts";
import type { EventBuilder } from "../../event/build-event.ts";
import { viewOfEntry } from "../../event/selector/view-of-entry.ts";
import { conditionContext } from "./condition-context.ts";
import type { EndpointPolicyEvaluator } from "./endpoint-policy-evaluator.ts";
import type { ConditionContext } from "./policy-evaluator.ts";

export interface VpcEndpointPolicyOptions {
  readonly endpointId: string;
  readonly policy: PolicyDocument;
  readonly evaluator: EndpointPolicyEvaluator;
  /** Tells which resources a call touches, as its record would. */
  readonly builder: EventBuilder;
  readonly accounts: AccountDirectory;
  readonly clock: Clock;
}

/** Resources of one call that are looked at; more are denied unread. */
const MAX_RESOURCES = 100;

/** The policy of one VPC endpoint, asked for each call through it. */
export class VpcEndpointPolicy {
  readonly #options: VpcEndpointPolicyOptions;
  /** For calls of which nobody knows what they touch: it might be what a statement denies. */
  readonly #blind: PolicyDocument;

  constructor(options: VpcEndpointPolicyOptions) {
    this.#options = options;
    this.#blind = { ...options.policy, Statement: options.policy.Statement.flatMap(blindStatements) };
  }

  /** The error of a call that it does not let through, in the caller's protocol; undefined for one that may pass. */
  async check(call: ApiCall, context: CallContext): Promise<AwsError | undefined> {
    const { evaluator } = this.#options;
    const action = iamAction(call.serviceId, call.signingName, call.operationName);
    const resources = this.#resources(call);
    // Whoever is not known is nobody in particular of the account that the call counts for.
    const principalArn = context.callerArn ?? `arn:${partitionOf(call.region).id}:iam::${context.accountId}:root`;
    const { accountId } = context;
    const conditions = this.#conditions(call, context, action);
    for (const resource of resources.slice(0, MAX_RESOURCES)) {
      const policy = resource === "*" ? this.#blind : this.#options.policy;
      const decision = await evaluator.evaluate({ principalArn, accountId, action, resource, context: conditions, policy });
      if (!decision.allowed) return denial(context, { action, resource, explicit: decision.explicit });
    }
    if (resources.length <= MAX_RESOURCES) return undefined;
    return denial(context, { action, resource: "*", explicit: false });
  }

  /** What the call is done to; "*" where its record does not say. */
  #resources(call: ApiCall): readonly string[] {
    const { s3 } = call.request;
    if (call.serviceId === "s3" && s3?.bucket !== undefined && !s3.bucket.startsWith("arn:")) {
      const bucket = `arn:${partitionOf(call.region).id}:s3:::${s3.bucket}`;
      return [s3.key === undefined ? bucket : `${bucket}/${s3.key}`];
    }
    const [event] = this.#options.builder.build(call);
    const touched = event === undefined ? [] : viewOfEntry(event.index, event.record).resources;
    const arns = touched.map(({ arn }) => arn).filter((arn) => arn !== undefined);
    return arns.length === 0 ? ["*"] : [...new Set(arns)];
  }

  /** As for any call, but that an endpoint's callers have no public address. */
  #conditions(call: ApiCall, context: CallContext, action: string): ConditionContext {
    const { endpointId, accounts, clock } = this.#options;
    const ofEndpoint = { "aws:SourceVpce": endpointId, "aws:VpcSourceIp": call.sourceIp };
    const { principal } = context;
    const headers = [...call.request.headers].flat();
    if (principal === undefined) {
      const agent = call.userAgent === undefined ? {} : { "aws:UserAgent": call.userAgent };
      const moment = { "aws:CurrentTime": new Date(clock.now()).toISOString(), "aws:RequestedRegion": call.region };
      return { ...moment, ...agent, ...ofEndpoint, "aws:SecureTransport": String(context.scheme === "https") };
    }
    const access = { action, resources: [] };
    const known = conditionContext({ headers, context }, principal, access, undefined, { accounts, now: clock.now() });
    const { "aws:SourceIp": _public, ...others } = known;
    return { ...others, ...ofEndpoint };
  }
}

/** What is left of a statement for a call that may touch anything: all that it denies, and what it allows whatever is touched. */
function blindStatements(statement: {
  readonly Effect?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
}): readonly object[] {
  const { Effect, Resource, NotResource: _, ...others } = statement;
  if (Effect === "Allow") return Resource === "*" || (Array.isArray(Resource) && Resource.includes("*")) ? [statement] : [];
  return [{ ...others, Effect, Resource: "*" }];
}

/** "Troubleshoot access denied error messages", IAM User Guide; codes as each protocol's services have them. */
function denial(
  { protocol, callerArn, serviceId }: CallContext,
  { action, resource, explicit }: { readonly action: string; readonly resource: string; readonly explicit: boolean },
): AwsError {
  const where = resource === "*" ? "" : ` on resource: ${resource}`;
  const why = explicit
    ? "with an explicit deny in a VPC endpoint policy"
    : `because no VPC endpoint policy allows the ${action} action`;
  const message = `User: ${callerArn ?? "anonymous"} is not authorized to perform: ${action}${where} ${why}`;
  if (protocol === "ec2Query") return new AwsError("UnauthorizedOperation", message, 403);
  if (serviceId === "sns") return new AwsError("AuthorizationError", message, 403);
  if (protocol === "awsQuery" || protocol === "restXml" || protocol === undefined)
    return new AwsError("AccessDenied", message, 403);
  return new AwsError("AccessDeniedException", message, protocol === "restJson1" ? 403 : 400);
}
