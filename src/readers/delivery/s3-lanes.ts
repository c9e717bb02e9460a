import type { TrailRevision } from "../../account/trails/trail-store.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import { S3Lane } from "./s3-lane.ts";
import type { TrailLanes } from "./trail-lane.ts";

/** The S3 lanes: every trail has one. */
export class S3Lanes implements TrailLanes {
  readonly #context: DeliveryContext;
  readonly #lanes = new Map<string, S3Lane>();

  constructor(context: DeliveryContext) {
    this.#context = context;
  }

  get(trailId: string): S3Lane | undefined {
    return this.#lanes.get(trailId);
  }

  wants(): boolean {
    return true;
  }

  open(revisions: readonly TrailRevision[]): S3Lane {
    const lane = new S3Lane(this.#context, revisions);
    const [first] = revisions;
    if (first !== undefined) this.#lanes.set(first.trail.id, lane);
    return lane;
  }

  forget(trailId: string): void {
    this.#lanes.delete(trailId);
    this.#context.state.forget(trailId);
  }
}
