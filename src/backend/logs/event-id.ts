import type { EventPosition } from "./stored.ts";

/** AWS's event ids have the event's time above these bits. */
const BITS = 144n;
const DIGITS = 56;

/** 56 digits that sort as the events do. */
export function eventId({ timestamp, id }: EventPosition): string {
  return ((BigInt(timestamp) << BITS) + BigInt(id)).toString().padStart(DIGITS, "0");
}

export function eventPosition(digits: string): EventPosition {
  const number = BigInt(digits);
  const id = BigInt.asUintN(Number(BITS), number);
  return { timestamp: Number(number >> BITS), id: id > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(id) };
}
