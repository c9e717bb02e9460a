import type { ChangePlace } from "../../account/trails/trail-store.ts";
import type { Trail } from "../../account/trails/trail.ts";
import type { ApiRequest } from "./api-operation.ts";
import { trailNotFound } from "./find-trail.ts";

/** Where in the journal what `call` changes takes effect. To be asked for when it is changed, not before. */
export function changePlace({ journalEnd, requestId }: ApiRequest): ChangePlace {
  return { after: journalEnd(), requestId };
}

/** Changes a trail that was found before; `change` sees what it is by now. Throws `TrailNotFoundException`. */
export async function changeTrail(
  trail: Trail,
  call: ApiRequest,
  change: (trail: Trail, others: readonly Trail[]) => Trail,
): Promise<Trail> {
  const changed = await call.trails.update(trail, changePlace(call), (now, others) => {
    // Another may have been made under the name meanwhile.
    if (now.id !== trail.id) throw trailNotFound(trail.arn, call);
    return change(now, others);
  });
  if (changed === undefined) throw trailNotFound(trail.arn, call);
  return changed;
}
