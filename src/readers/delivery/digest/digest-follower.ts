import type { Trail } from "../../../account/trails/trail.ts";
import type { DeliveredFiles } from "./delivered-files.ts";
import { type ChainState, type DigestChain, targetOf } from "./digest-chain.ts";
import type { DigestState } from "./digest-state.ts";

export interface DigestFollowerOptions {
  readonly state: DigestState;
  readonly files: DeliveredFiles;
  readonly organizationId: (trail: Trail) => string | undefined;
  readonly windowSeconds: number;
}

/** Brings the chains to where the trails' settings and the delivered files want them. */
export class DigestFollower {
  readonly #state: DigestState;
  readonly #files: DeliveredFiles;
  readonly #organizationId: (trail: Trail) => string | undefined;
  readonly #windowSeconds: number;
  /** Trails that were seen logging without validation since the process began. */
  readonly #unvalidated = new Set<string>();

  constructor({ state, files, organizationId, windowSeconds }: DigestFollowerOptions) {
    this.#state = state;
    this.#files = files;
    this.#organizationId = organizationId;
    this.#windowSeconds = windowSeconds;
  }

  /**
   * `trails`: all that there are. `upTo`: `DeliveredFiles.newestId` of before they were read. `now`: epoch milliseconds.
   * Chains that have to be finished before another begins are left `finishing`: follow again when they are closed.
   */
  follow(trails: readonly Trail[], upTo: number, now: number): void {
    this.#state.commit(() => {
      const live = this.#state.live();
      const present = new Set(trails.map(({ arn }) => arn));
      for (const chain of live) if (!present.has(chain.trailArn)) this.#turn(chain, "closing");
      for (const trail of trails) {
        this.#followTrail(
          trail,
          live.filter(({ trailArn }) => trailArn === trail.arn),
          now,
        );
      }
      this.#files.dropUnclaimed(upTo);
    });
    this.#state.commit(() => this.#followFiles());
  }

  #followTrail(trail: Trail, live: readonly DigestChain[], now: number): void {
    const startedAt = trail.startedAt ?? 0;
    if (!trail.logging || !trail.logFileValidationEnabled) {
      if (trail.logging) this.#unvalidated.add(trail.id);
      if (trail.logging && live.length === 0) this.#state.end(trail.arn);
      for (const chain of live) {
        const isThis = chain.trailId === trail.id && chain.startedAt === startedAt;
        if (trail.logging) this.#turn(chain, isThis ? "ending" : "finishing");
        else this.#turn(chain, "closing");
      }
      return;
    }
    this.#files.own(trail.id, trail.arn);
    const target = targetOf(trail, this.#organizationId(trail));
    let mayBegin = true;
    for (const chain of live) {
      if (chain.trailId === trail.id && chain.startedAt === startedAt) {
        this.#turn(chain, "open");
        if (JSON.stringify(chain.target) !== JSON.stringify(target)) this.#state.setTarget(chain, target);
      } else {
        this.#turn(chain, "finishing");
        mayBegin = false;
      }
    }
    const [account, region] = [trail.accountId, trail.homeRegion];
    if (!mayBegin || live.some(isHome)) return;
    const start = this.#unvalidated.delete(trail.id) || this.#state.knows(trail.id, startedAt) ? now : startedAt;
    const place = this.#placeOf(trail.arn, account, region, Math.floor(start / 1000));
    const chain = { trailId: trail.id, trailArn: trail.arn, account, region, state: "open" as const, startedAt, target };
    this.#state.addChain({ ...chain, ...place });
  }

  /**
   * A further account or Region gets its chain with its first file, with the windows of the trail's home Region. A file that comes
   * when all is closed opens the chain again: it must not be left out, however it came to be so late.
   */
  #followFiles(): void {
    const live = this.#state.live();
    for (const { trailArn, account, region } of this.#files.owners()) {
      const family = live.filter((chain) => chain.trailArn === trailArn);
      if (family.some((chain) => chain.account === account && chain.region === region)) continue;
      const last = family.length === 0 ? this.#state.newest(trailArn, account, region) : undefined;
      if (last?.state === "closed") {
        this.#state.setState(last, "closing");
        continue;
      }
      const model = family.find(isHome) ?? family[0] ?? this.#state.newest(trailArn);
      if (model === undefined || model.state === "ended") continue;
      const place = this.#placeOf(trailArn, account, region, model.lastEnd);
      const { trailId, startedAt, target } = model;
      const state = model.state === "closed" ? "closing" : model.state;
      this.#state.addChain({ trailId, trailArn, account, region, state, startedAt, target, ...place });
    }
  }

  /** Two digests never have one key, and a chain that begins neither stands before the one that ended nor reaches into it. */
  #placeOf(
    trailArn: string,
    account: string,
    region: string,
    wanted: number,
  ): Pick<DigestChain, "anchor" | "begins" | "lastEnd"> {
    const before = this.#state.lastEnd(trailArn, account, region) ?? -Infinity;
    const end = Math.max(wanted, before + 1);
    return { anchor: end, begins: Math.max(before, end - this.#windowSeconds), lastEnd: end };
  }

  /** What has to be finished stays so. */
  #turn(chain: DigestChain, state: ChainState): void {
    if (chain.state !== state && chain.state !== "finishing") this.#state.setState(chain, state);
  }
}

function isHome({ account, region, target }: DigestChain): boolean {
  return region === target.homeRegion && account === target.ownerAccount;
}
