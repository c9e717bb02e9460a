import type { Member, StructureShape } from "../catalogue/model.ts";

/** Whether a member travels in the body beside others. */
export type BodyMembers = (member: Member) => boolean;

/** In requests: bound to no part of path, query string or headers, not a payload of its own, and no stream. */
export const inRequestBody: BodyMembers = (member) =>
  inResponseBody(member) &&
  member.traits.httpLabel === undefined &&
  member.traits.httpQuery === undefined &&
  member.traits.httpQueryParams === undefined;

/** In answers: labels and queries mean nothing there, though shapes that serve both ways carry them. */
export const inResponseBody: BodyMembers = ({ traits }) =>
  !isStream(traits) &&
  traits.httpHeader === undefined &&
  traits.httpPrefixHeaders === undefined &&
  traits.httpPayload === undefined &&
  traits.httpResponseCode === undefined;

/** The body is a stream of bytes or events, which no decoder opens. */
export function hasStream(shape: StructureShape): boolean {
  return shape.members.values().some(({ traits }) => isStream(traits));
}

export function isStream(traits: Member["traits"]): boolean {
  return traits.streaming === true || traits.eventStream === true;
}
