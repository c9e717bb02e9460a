import { isoSeconds } from "../base/clock.ts";
import { recordedRegion } from "../aws/catalogue/facts/global-services.ts";
import type { JsonObject } from "../aws/tree.ts";
import type { ApiCall } from "./api-call.ts";
import type { BuiltEvent, EventIndex, LookupResource, SelectedResource } from "./built-event.ts";
import { changedCall } from "./changed-call.ts";
import { encodeRecord } from "./encode.ts";
import { type EventError, eventError } from "./event-error.ts";
import { eventKind } from "./event-kind.ts";
import { generalRequestParameters, generalResponseElements } from "./general-parameters.ts";
import { limits, truncateUtf8 } from "./limits.ts";
import { networkActivityEvent, type NetworkActivityFacts } from "./network-activity-event.ts";
import type { RecordDraft } from "./record-draft.ts";
import type { CloudTrailRecord } from "./record.ts";
import type { RecordResource, ServiceRules, ShownParameters } from "./service-rules.ts";
import { serviceRules } from "./services/all.ts";
import { tlsDetails } from "./tls-details.ts";
import { invokingService, sessionOf, userIdentity } from "./user-identity.ts";
import { lookupUsername } from "./username.ts";

export interface EventBuilderOptions {
  /** `eventVersion` of the records; `1.11` unless told otherwise. */
  readonly eventVersion?: "1.08" | "1.09" | "1.10" | "1.11";
  /** Say where something was left out for its size instead of writing null. */
  readonly omittedMarker?: boolean;
  /** Record STS session tokens in full, as AWS does. False: they are hidden. */
  readonly showSessionTokens?: boolean;
  /** What stands for the client's `Host` in records (behind a gateway it names the gateway). */
  readonly clientHost?: (host: string) => string;
  /** Where services depart from the general pipeline; the project's own rules unless told otherwise. */
  readonly rules?: ReadonlyMap<string, ServiceRules>;
  /** Makes the `eventID` of a further event to which its rules gave none: a UUID in lower case. */
  readonly newId: () => string;
}

export interface EventBuilder {
  /**
   * The records of one finished call: its own first, then those that it caused (DeleteObjects: one a key), last that of the VPC
   * endpoint that it came through. Never throws for what a call contains.
   *
   * @param draft the call is built twice: what the first record of its own leaves there, the second one need not make again.
   * @param notes facts of our own besides the call's.
   */
  build(call: ApiCall, draft?: RecordDraft, notes?: ApiCall["notes"]): BuiltEvent[];
}

/** Calls that are read-only by AWS's count and show their answer all the same. */
const answeredReads: ReadonlySet<string> = new Set(["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]);

/** LookupEvents entries kept for one event; the largest that AWS shows have a few dozen. */
const MAX_LOOKUP_RESOURCES = 100;

const noRules: ServiceRules = {};

/** The `eventVersion` of today's records. */
const VERSION = "1.11";

export function createEventBuilder(options: EventBuilderOptions): EventBuilder {
  const allRules = options.rules ?? serviceRules;
  const eventVersion = options.eventVersion ?? VERSION;
  const networkFacts = (eventId: string): NetworkActivityFacts => ({ eventId, eventVersion, sharedEventId: options.newId() });
  return {
    build(received, draft, notes) {
      const call = withClientHost(received, options.clientHost);
      const rules = allRules.get(call.serviceId) ?? noRules;
      const built = new CallRecord(call, rules, options, notes, draft);
      const { vpcEndpoint, eventId } = call;
      // No service saw it, so none has anything to tell.
      if (vpcEndpoint?.denied === true) return [networkActivityEvent(call, vpcEndpoint, networkFacts(eventId))];
      const further = built.guarded("furtherCalls", [], () => rules.furtherCalls?.(call) ?? []);
      const events = [built.event()];
      for (const next of further) {
        const nextRules = allRules.get(next.serviceId) ?? noRules;
        const own = next.eventId !== "" && next.eventId !== call.eventId;
        events.push(
          new CallRecord(own ? next : changedCall(next, { eventId: options.newId() }), nextRules, options, notes).event(),
        );
      }
      if (vpcEndpoint !== undefined) events.push(networkActivityEvent(call, vpcEndpoint, networkFacts(options.newId())));
      return events;
    },
  };
}

/** One call on its way to its record. */
class CallRecord {
  readonly #call: ApiCall;
  readonly #rules: ServiceRules;
  readonly #options: EventBuilderOptions;
  readonly #notes: ApiCall["notes"];
  readonly #draft: RecordDraft | undefined;
  /** Members that a rule failed to make: said in the record, so that nobody takes it for complete. */
  readonly #failed: string[] = [];

  constructor(call: ApiCall, rules: ServiceRules, options: EventBuilderOptions, notes: ApiCall["notes"], draft?: RecordDraft) {
    this.#call = call;
    this.#rules = rules;
    this.#options = options;
    this.#notes = notes;
    this.#draft = draft;
  }

  event(): BuiltEvent {
    const call = this.#call;
    const { serviceId, accountId, caller, request } = call;
    const { source, name, readOnly, apiVersion, dataType } = eventKind(call);
    const data = dataType !== undefined;
    const error = this.#error(readOnly);
    const shown = this.#shown(readOnly, error);
    const region = recordedRegion(serviceId, call.region, request.host);
    const service = invokingService(caller);
    // What a service does by itself comes from its own network.
    const endpoint = service === undefined && call.sourceIp !== "AWS Internal" ? call.vpcEndpoint : undefined;
    const hidden = error?.showsParameters === false;
    const touched = hidden && !data ? undefined : this.#resources(shown);
    const resources = hidden ? undefined : touched;
    const record: CloudTrailRecord = {
      eventVersion: this.#options.eventVersion ?? VERSION,
      userIdentity: userIdentity(caller, { serviceId, region }),
      eventTime: isoSeconds(call.completedAt),
      eventSource: source,
      eventName: name,
      awsRegion: region,
      sourceIPAddress: service ?? call.sourceIp,
      userAgent: service ?? userAgent(call, source),
      errorCode: error?.code,
      errorMessage: error?.message,
      requestParameters: shown.requestParameters,
      responseElements: shown.responseElements,
      requestID: call.requestId === "" ? undefined : call.requestId,
      eventID: call.eventId,
      readOnly,
      resources,
      eventType: "AwsApiCall",
      apiVersion,
      managementEvent: !data,
      recipientAccountId: accountId,
      // The other copy is in the service's own account. Source: Amazon KMS and AWS STS records of calls by services.
      sharedEventID: call.sharedEventId ?? (caller.kind === "service" ? this.#options.newId() : undefined),
      vpcEndpointId: endpoint?.id,
      vpcEndpointAccountId: endpoint?.accountId,
      eventCategory: data ? "Data" : "Management",
      tlsDetails: tlsDetails(call),
      sessionCredentialFromConsole: sessionOf(caller)?.fromConsole === true ? "true" : undefined,
      // Last, because by now it is known which rules failed.
      additionalEventData: this.#additionalEventData(),
    };
    const username = lookupUsername(caller);
    const accessKeyId = "accessKeyId" in caller ? caller.accessKeyId : undefined;
    const index: EventIndex = {
      eventId: call.eventId,
      time: Math.floor(call.completedAt / 1000),
      account: accountId,
      region,
      category: data ? "Data" : "Management",
      source,
      name,
      readOnly,
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
      ...(username === undefined ? {} : { username }),
      resources: this.#lookupResources(shown),
      ...(error === undefined ? {} : { errorCode: truncateUtf8(error.code) }),
      ...(dataType === undefined || resources !== undefined ? {} : { selectedAs: selectedAs(touched, dataType) }),
    };
    return { record: encodeRecord(record, { omittedMarker: this.#options.omittedMarker === true, draft: this.#draft }), index };
  }

  /** What `make` gives, or `fallback` where it throws: a record is due whatever a rule makes of hostile input. */
  guarded<Value>(member: string, fallback: Value, make: () => Value): Value {
    try {
      return make();
    } catch {
      this.#failed.push(member);
      return fallback;
    }
  }

  #error(readOnly: boolean): EventError | undefined {
    const { error } = this.#call;
    if (error === undefined) return undefined;
    const general = eventError(this.#call, error, readOnly);
    const code = this.guarded("errorCode", general.code, () => this.#rules.errorCode?.(this.#call, general.code) ?? general.code);
    return { ...general, code };
  }

  #shown(readOnly: boolean, error: EventError | undefined): ShownParameters {
    const call = this.#call;
    const rules = this.#rules;
    const redaction = { showSessionTokens: this.#options.showSessionTokens === true };
    let requestParameters: JsonObject | null = null;
    if (error?.showsParameters !== false) {
      const make = (): JsonObject | null => generalRequestParameters(call, redaction);
      const general = this.guarded("requestParameters", null, () =>
        this.#draft === undefined ? make() : this.#draft.parameters(call, make),
      );
      requestParameters = this.guarded("requestParameters", general, () =>
        rules.requestParameters === undefined ? general : rules.requestParameters(call, general),
      );
    }
    let responseElements: JsonObject | null = error?.responseElements ?? null;
    const answered = error === undefined && call.response !== undefined;
    if (answered && (!readOnly || answeredReads.has(`${call.serviceId}:${call.operationName}`))) {
      const general = this.guarded("responseElements", null, () => generalResponseElements(call, redaction));
      responseElements = this.guarded("responseElements", general, () =>
        rules.responseElements === undefined ? general : rules.responseElements(call, general),
      );
    }
    return { requestParameters: orNull(requestParameters), responseElements: orNull(responseElements) };
  }

  #resources(shown: ShownParameters): readonly RecordResource[] | undefined {
    const resources = this.guarded("resources", undefined, () => this.#rules.resources?.(this.#call, shown));
    return resources === undefined || resources.length === 0 ? undefined : resources;
  }

  #lookupResources(shown: ShownParameters): readonly LookupResource[] {
    const resources = this.guarded("lookupResources", [], () => this.#rules.lookupResources?.(this.#call, shown) ?? []);
    return resources.slice(0, MAX_LOOKUP_RESOURCES).map(({ type, name }) => ({
      ...(type === undefined ? {} : { type }),
      name: truncateUtf8(name),
    }));
  }

  #additionalEventData(): JsonObject | undefined {
    const own = this.guarded("additionalEventData", undefined, () => this.#rules.additionalEventData?.(this.#call));
    const { notes } = this.#call;
    const failed = this.#failed.length === 0 ? undefined : { incomplete: [...new Set(this.#failed)].join(", ") };
    if (notes === undefined && this.#notes === undefined && failed === undefined) return own;
    const opentrail: JsonObject = { ...notes, ...this.#notes, ...failed };
    if (orNull(opentrail) === null) return own;
    // AWS's limit takes the whole member; our own notes are worth more than a service's oversized header.
    const fits = own !== undefined && Buffer.byteLength(JSON.stringify({ ...own, opentrail })) <= limits.additionalEventData;
    return fits ? { ...own, opentrail } : { opentrail };
  }
}

/** What a record that hides its resources is selected by: those, or at least their type. */
function selectedAs(touched: readonly RecordResource[] | undefined, dataType: string): readonly SelectedResource[] {
  return (touched ?? [{ type: dataType }]).slice(0, MAX_LOOKUP_RESOURCES).map(({ type = dataType, ARN, ARNPrefix }) => {
    const arn = ARN ?? ARNPrefix;
    return arn === undefined ? { type } : { type, arn: truncateUtf8(arn) };
  });
}

function userAgent(call: ApiCall, source: string): string | undefined {
  const agent = call.userAgent;
  if (agent === undefined) return undefined;
  // S3 alone puts it in square brackets.
  return source.startsWith("s3.") || source.startsWith("s3express.") ? `[${truncateUtf8(agent, limits.string - 2)}]` : agent;
}

function withClientHost(call: ApiCall, clientHost: EventBuilderOptions["clientHost"]): ApiCall {
  if (clientHost === undefined) return call;
  const host = clientHost(call.request.host);
  return host === call.request.host ? call : changedCall(call, { request: { ...call.request, host } });
}

function orNull(value: JsonObject | null): JsonObject | null {
  for (const _ in value) return value;
  return null;
}
