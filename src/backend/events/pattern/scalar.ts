/** A leaf of an event. Integers beyond the safe ones are bigints, so that none of their digits is lost. */
export type Scalar = string | number | bigint | boolean | null;
