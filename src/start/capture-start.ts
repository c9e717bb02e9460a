import type { Config } from "./config.ts";

/** What a capture process is told when it starts. */
export interface CaptureStart {
  /** As the primary read it: files may have changed since. */
  readonly config: Config;
  /** PEM texts. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** From 1. */
  readonly number: number;
  /** How many share the bounds. */
  readonly processes: number;
  /** The primary's socket for what it answers itself. */
  readonly relay: { readonly socketPath: string; readonly token: string };
}

/** The descriptor of the link to the primary; 3 is Node's own channel, over which connections come. */
export const LINK_DESCRIPTOR = 4;
