import { AwsError } from "../../aws/aws-error.ts";
import type { ChangePlace } from "../../account/trails/trail-store.ts";
import type { Trail } from "../../account/trails/trail.ts";
import type { ApiRequest } from "./api-operation.ts";
import { trailNotFound } from "./find-trail.ts";

/** Where in the journal what `call` changes takes effect. To be asked for when it is changed, not before. */
export function changePlace({ journalEnd, requestId }: ApiRequest): ChangePlace {
  return { after: journalEnd(), requestId };
}

/** Characters in the selectors of all former forms of one trail that delivery may still need: a form has a megabyte of them at most. */
const MOST_KEPT = 128 * 1024 * 1024;

/** Changes a trail that was found before; `change` sees what it is by now. Throws `TrailNotFoundException`, `ThrottlingException`. */
export async function changeTrail(
  trail: Trail,
  call: ApiRequest,
  change: (trail: Trail, others: readonly Trail[]) => Trail,
): Promise<Trail> {
  const former = call.trails.revisions().filter((revision) => revision.trail.id === trail.id);
  if (former.reduce((sum, revision) => sum + lengthOf(revision.trail), 0) > MOST_KEPT)
    throw new AwsError("ThrottlingException", "Rate exceeded");
  const changed = await call.trails.update(trail, changePlace(call), (now, others) => {
    // Another may have been made under the name meanwhile.
    if (now.id !== trail.id) throw trailNotFound(trail.arn, call);
    return change(now, others);
  });
  if (changed === undefined) throw trailNotFound(trail.arn, call);
  return changed;
}

function lengthOf({ selectors }: Trail): number {
  let length = 0;
  const add = (texts: readonly string[] = []): void => {
    for (const text of texts) length += text.length;
  };
  if (selectors?.kind === "basic")
    for (const { dataResources } of selectors.selectors) for (const { values } of dataResources) add(values);
  if (selectors?.kind === "advanced") {
    for (const { fieldSelectors } of selectors.selectors) {
      for (const { field: _, ...operators } of fieldSelectors) for (const values of Object.values(operators)) add(values);
    }
  }
  return length;
}
