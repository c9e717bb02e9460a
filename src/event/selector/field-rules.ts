import { dataResourceTypes, networkActivitySources } from "../../aws/catalogue/facts/resource-types.ts";
import type { FieldOperator } from "./given-selectors.ts";
import type { SelectorField } from "./selectors.ts";

/** What one field may say in selectors of one category. What is absent is not restricted. */
export interface FieldRule {
  /** Exactly once. */
  readonly required?: true;
  readonly operators?: readonly FieldOperator[];
  readonly values?: ReadonlySet<string>;
  /** One value for each operator. */
  readonly single?: true;
}

export type TrailCategory = "Management" | "Data" | "NetworkActivity";

const category: FieldRule = { required: true, operators: ["equals"], single: true };
const readOnly: FieldRule = { operators: ["equals"], values: new Set(["true", "false"]) };
const any: FieldRule = {};

/** On trails. Source: CloudTrail API Reference, AdvancedFieldSelector; fields that are not named are refused. */
export const CATEGORY_RULES: Readonly<Record<TrailCategory, Readonly<Partial<Record<SelectorField, FieldRule>>>>> = {
  Management: {
    eventCategory: category,
    readOnly,
    eventSource: { operators: ["notEquals"], values: new Set(["kms.amazonaws.com", "rdsdata.amazonaws.com"]) },
  },
  Data: {
    eventCategory: category,
    "resources.type": { required: true, operators: ["equals"], values: dataResourceTypes, single: true },
    "resources.ARN": any,
    readOnly,
    eventSource: any,
    eventName: any,
    eventType: any,
    "userIdentity.arn": any,
    sessionCredentialFromConsole: { operators: ["equals", "notEquals"], values: new Set(["true"]) },
  },
  NetworkActivity: {
    eventCategory: category,
    eventSource: { required: true, operators: ["equals"], values: networkActivitySources, single: true },
    eventName: any,
    errorCode: { operators: ["equals"], values: new Set(["VpceAccessDenied"]) },
    vpcEndpointId: any,
    "userIdentity.arn": any,
  },
};
