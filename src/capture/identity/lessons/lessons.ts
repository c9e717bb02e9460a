import type { ApiCall } from "../../../event/api-call.ts";
import { iamLessons } from "./iam.ts";
import type { Lesson } from "./lesson.ts";
import { createSession, getCredentialsForIdentity, getRoleCredentials } from "./sessions.ts";
import { stsLessons } from "./sts.ts";

/** Every call that tells who somebody is, by catalogue id and operation. */
const lessons: ReadonlyMap<string, ReadonlyMap<string, Lesson>> = new Map([
  ["iam", iamLessons],
  ["sts", stsLessons],
  ["sso", new Map([["GetRoleCredentials", getRoleCredentials]])],
  ["cognito-identity", new Map([["GetCredentialsForIdentity", getCredentialsForIdentity]])],
  ["s3", new Map([["CreateSession", createSession]])],
]);

/** Undefined for calls that teach nothing. */
export function lessonOf({ serviceId, operationName }: Pick<ApiCall, "serviceId" | "operationName">): Lesson | undefined {
  return lessons.get(serviceId)?.get(operationName);
}
