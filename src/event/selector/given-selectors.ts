/** Selectors as a caller gave them, before anybody has looked at them: what was left out is undefined. */
export interface GivenBasicSelector {
  readonly readWriteType: string | undefined;
  readonly includeManagementEvents: boolean | undefined;
  readonly excludeManagementEventSources: readonly (string | undefined)[] | undefined;
  readonly dataResources: readonly GivenDataResource[] | undefined;
}

export interface GivenDataResource {
  readonly type: string | undefined;
  readonly values: readonly (string | undefined)[] | undefined;
}

export interface GivenAdvancedSelector {
  readonly name: string | undefined;
  readonly fieldSelectors: readonly GivenFieldSelector[] | undefined;
}

export interface GivenFieldSelector {
  readonly field: string | undefined;
  /** By operator; those that were left out are missing. */
  readonly operators: ReadonlyMap<FieldOperator, readonly (string | undefined)[]>;
}

export const FIELD_OPERATORS = ["equals", "startsWith", "endsWith", "notEquals", "notStartsWith", "notEndsWith"] as const;

export type FieldOperator = (typeof FIELD_OPERATORS)[number];

/** The operator as callers write it: `NotStartsWith`. */
export function operatorName(operator: FieldOperator): string {
  return operator.charAt(0).toUpperCase() + operator.slice(1);
}
