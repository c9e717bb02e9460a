/**
 * What a trail or an event data store records, as it was set: basic selectors (trails only) or advanced ones, never both.
 * Source: CloudTrail API Reference, EventSelector, DataResource, AdvancedEventSelector, AdvancedFieldSelector.
 */
export type Selectors =
  | { readonly kind: "basic"; readonly selectors: readonly BasicSelector[] }
  | { readonly kind: "advanced"; readonly selectors: readonly AdvancedSelector[] };

/** Selectors of one list are alternatives: an event that any of them takes is recorded. */
export interface BasicSelector {
  readonly readWriteType: "All" | "ReadOnly" | "WriteOnly";
  readonly includeManagementEvents: boolean;
  /** `kms.amazonaws.com`, `rdsdata.amazonaws.com` */
  readonly excludeManagementEventSources: readonly string[];
  readonly dataResources: readonly DataResource[];
}

export interface DataResource {
  readonly type: "AWS::S3::Object" | "AWS::Lambda::Function" | "AWS::DynamoDB::Table";
  readonly values: readonly string[];
}

export interface AdvancedSelector {
  readonly name?: string;
  /** All of them must hold. */
  readonly fieldSelectors: readonly FieldSelector[];
}

/** Absent operators are absent, never empty. */
export interface FieldSelector {
  readonly field: SelectorField;
  readonly equals?: readonly string[];
  readonly startsWith?: readonly string[];
  readonly endsWith?: readonly string[];
  readonly notEquals?: readonly string[];
  readonly notStartsWith?: readonly string[];
  readonly notEndsWith?: readonly string[];
}

export type SelectorField =
  | "eventCategory"
  | "readOnly"
  | "eventSource"
  | "eventName"
  | "eventType"
  | "resources.type"
  | "resources.ARN"
  | "userIdentity.arn"
  | "sessionCredentialFromConsole"
  | "errorCode"
  | "vpcEndpointId";

/** Of a trail that nobody has set any for: all management events. */
export const DEFAULT_SELECTORS: Selectors = {
  kind: "basic",
  selectors: [{ readWriteType: "All", includeManagementEvents: true, excludeManagementEventSources: [], dataResources: [] }],
};
