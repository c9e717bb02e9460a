import { gzipSync } from "node:zlib";
import type { DeliveredFiles, DigestedFile } from "./delivered-files.ts";
import { type DigestChain, placeOf } from "./digest-chain.ts";
import { type DigestLink, digestStringToSign, sha256Hex, writeDigest } from "./digest-document.ts";
import { digestKey } from "./digest-key.ts";
import type { DigestState } from "./digest-state.ts";
import type { DueDigest } from "./due-digest.ts";
import { isoSeconds } from "../../../base/clock.ts";
import type { Signer, SigningKeys } from "./signing-keys.ts";

/** A digest of more files would be hard to hold for those who check it; the window is cut, and the rest goes into the next. */
const MAX_FILES = 20_000;

export interface DigestPlannerOptions {
  readonly state: DigestState;
  readonly files: DeliveredFiles;
  readonly keys: Pick<SigningKeys, "noteSigned">;
  readonly windowSeconds: number;
  /** Default: 20,000. */
  readonly maxFiles?: number;
}

/** Writes, signs and stores what is due, with the files that are in it, in one transaction: nothing is made twice or in part. */
export class DigestPlanner {
  readonly #options: DigestPlannerOptions;
  readonly #maxFiles: number;

  constructor(options: DigestPlannerOptions) {
    this.#options = options;
    this.#maxFiles = options.maxFiles ?? MAX_FILES;
  }

  /** Stores the digest; `nowMilliseconds` is when it is made. */
  store(chain: DigestChain, due: DueDigest, signer: Signer, nowMilliseconds: number): void {
    const { state, files, keys } = this.#options;
    state.commit(() => {
      const { end, last, taken } = this.#contentOf(chain, due, nowMilliseconds);
      const backfill = due.kind === "backfill";
      const previous = backfill ? chain.previousBackfill : chain.previous;
      const { bucket } = chain.target;
      const key = digestKey(placeOf(chain), end, backfill);
      const bytes = writeDigest({
        account: chain.account,
        start: due.start,
        end,
        bucket,
        key,
        fingerprint: signer.fingerprint,
        previous,
        files: taken,
      });
      const hash = sha256Hex(bytes);
      const endTime = isoSeconds(end * 1000);
      const signature = signer.sign(
        digestStringToSign({ endTime, bucket, key, hash, previousSignature: previous?.signature ?? null }),
      );
      const link: DigestLink = { bucket, key, hash, signature };
      const id = state.addDigest({
        chainId: chain.id,
        trailId: chain.trailId,
        region: chain.region,
        bucket,
        key,
        body: gzipSync(bytes),
        signature,
        backfilledAt: backfill ? isoSeconds(nowMilliseconds) : undefined,
        target: chain.target,
        createdAt: nowMilliseconds,
      });
      files.take(taken, id);
      keys.noteSigned(chain.region, signer.fingerprint, due.start, end);
      state.advance(chain, end, link, backfill, last);
    });
  }

  #contentOf(
    chain: DigestChain,
    { start, end, kind, last }: DueDigest,
    nowMilliseconds: number,
  ): { readonly end: number; readonly last: boolean; readonly taken: readonly DigestedFile[] } {
    if (kind === "starting") return { end, last, taken: [] };
    // The last one takes what there is, whatever the clock says of it.
    const before = last ? Number.MAX_SAFE_INTEGER : end * 1000;
    const beyond = nowMilliseconds + this.#options.windowSeconds * 1000;
    const found = this.#options.files.waiting(chain, before, beyond, this.#maxFiles + 1);
    const taken = found.slice(0, this.#maxFiles);
    if (found.length === taken.length) return { end, last, taken };
    const reached = Math.ceil((taken.at(-1)?.deliveredAt ?? 0) / 1000);
    return { end: Math.max(start + 1, Math.min(reached, end - 1)), last: false, taken };
  }
}
