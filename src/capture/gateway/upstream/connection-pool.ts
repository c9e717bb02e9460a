import { EndpointFailure } from "../../../aws/endpoint.ts";
import { Bag } from "../../../base/bag.ts";
import type { UpstreamCall } from "./upstream-call.ts";
import { type ConnectionEvents, type Origin, UpstreamConnection } from "./upstream-connection.ts";

export interface PoolLimits {
  /** Connections at once; a call beyond that waits. */
  readonly connections: number;
  /** Milliseconds to connect. */
  readonly connectTimeout: number;
  /** Milliseconds between two looks at what has taken too long. */
  readonly tick: number;
}

/** Milliseconds that an idle connection is used again where the upstream does not say how long it keeps it. */
const KEPT_UNASKED = 4_000;
/** Of what an upstream promises: the most that is believed, and what is taken off for the way there. */
const KEPT_MOST = 600_000;
const KEPT_MARGIN = 1_000;

/**
 * The connections to one upstream. One clock looks after all of them: a timer for each call costs more than the rest of its
 * bookkeeping.
 */
export class ConnectionPool {
  readonly #origin: Origin;
  readonly #limits: PoolLimits;
  readonly #connections = new Set<UpstreamConnection>();
  /** The one that was used last is used next, so that those that are not needed grow old. */
  readonly #idle: UpstreamConnection[] = [];
  readonly #calls = new Bag<UpstreamCall>();
  readonly #waiting = new Set<UpstreamCall>();
  readonly #events: ConnectionEvents;
  #clock: NodeJS.Timeout | undefined;
  #closing: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(origin: Origin, limits: PoolLimits) {
    this.#origin = origin;
    this.#limits = limits;
    this.#events = {
      onFree: (connection) => this.#free(connection),
      onClosed: (connection) => this.#gone(connection),
      onUnanswered: (call) => this.#repeat(call),
    };
  }

  submit(call: UpstreamCall): void {
    if (this.#closing !== undefined) {
      call.fail(new EndpointFailure("unreachable", "the connections to the upstream are closed"));
      return;
    }
    this.#calls.add(call);
    call.onSettled = () => this.#settled(call);
    this.#clock ??= setInterval(() => this.#look(), this.#limits.tick).unref();
    const connection = this.#takeIdle();
    if (connection !== undefined) connection.carry(call);
    else if (this.#connections.size < this.#limits.connections) this.#connect(call);
    else this.#waiting.add(call);
  }

  /** Resolves when the calls in progress are over. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = Promise.withResolvers();
      for (const connection of this.#idle.splice(0)) connection.abandon();
      this.#endIfDone();
    }
    return this.#closing.promise;
  }

  #takeIdle(): UpstreamConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      if (connection.usable && connection.expiresAt > performance.now()) return connection;
      connection.abandon();
    }
  }

  #connect(call: UpstreamCall): void {
    const connection = new UpstreamConnection(this.#origin, this.#events, performance.now() + this.#limits.connectTimeout);
    this.#connections.add(connection);
    connection.carry(call);
  }

  /** Over a new connection: others that idle may have been closed at the same time. */
  #repeat(call: UpstreamCall): void {
    call.repeat();
    if (this.#connections.size < this.#limits.connections) this.#connect(call);
    else this.#waiting.add(call);
  }

  #free(connection: UpstreamConnection): void {
    const [next] = this.#waiting;
    if (next !== undefined) {
      this.#waiting.delete(next);
      connection.carry(next);
    } else if (this.#closing !== undefined) {
      connection.abandon();
    } else {
      const { keepAlive } = connection;
      const kept = keepAlive === undefined ? KEPT_UNASKED : Math.min(keepAlive * 1000, KEPT_MOST) - KEPT_MARGIN;
      connection.expiresAt = performance.now() + kept;
      this.#idle.push(connection);
    }
  }

  #gone(connection: UpstreamConnection): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    const [next] = this.#waiting;
    if (next === undefined || this.#connections.size >= this.#limits.connections) return;
    this.#waiting.delete(next);
    this.#connect(next);
  }

  #settled(call: UpstreamCall): void {
    this.#calls.delete(call);
    this.#waiting.delete(call);
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#closing === undefined || this.#calls.size > 0) return;
    clearInterval(this.#clock);
    this.#closing.resolve();
  }

  #look(): void {
    const now = performance.now();
    for (const connection of this.#connections) if (connection.expiresAt <= now) connection.expire();
    // One that is missed because another expired is looked at next time.
    for (const call of this.#calls) if (call.deadline <= now) call.expire();
    if (this.#connections.size > 0 || this.#calls.size > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}
