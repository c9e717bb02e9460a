import type { Trail } from "./trail.ts";

/** Settings that a trail need not have. */
export type OptionalSetting = {
  [Name in keyof Trail]-?: undefined extends Trail[Name] ? Name : never;
}[keyof Trail];

/** The trail as if nobody had ever set `names`. */
export function withoutSettings(trail: Trail, ...names: readonly OptionalSetting[]): Trail {
  const rest: { -readonly [Name in keyof Trail]: Trail[Name] } = { ...trail };
  for (const name of names) delete rest[name];
  return rest;
}
