import type { MarketEventMap, MarketEventType } from '../events/event-map.ts';
import type { Unsubscribe } from './event-bus.ts';

export interface MarketSubscription<Type extends MarketEventType> {
  readonly type: Type;
  /** Only this key. Default: all. */
  readonly key?: string;
  /** For streams: how many events may wait for a handler that returns a promise. Default 10,000. */
  readonly maxPending?: number;
}

/** How a subscription kept up. */
export interface MarketBusStats {
  readonly published: number;
  readonly delivered: number;
  /** State events that a newer one of their key replaced before a busy handler took them. */
  readonly conflated: number;
  /** Stream events given up because a handler fell behind by more than its bound. Each run of them is reported once by `onOverflow`. */
  readonly overflowed: number;
  /** Calls of handlers that threw or rejected. */
  readonly failed: number;
}

/**
 * Market data inside a process. `state` types: a handler that is busy (its promise pending) gets only the newest event per
 * key when it is free again. `stream` types: every event in order; a publisher awaits `publish` to feel back-pressure.
 */
export interface MarketBus {
  /** Delivers at once to handlers that are free. The promise, if any, resolves when slow stream handlers have room. */
  publish<Type extends MarketEventType>(type: Type, key: string, payload: MarketEventMap[Type]): void | Promise<void>;
  subscribe<Type extends MarketEventType>(
    subscription: MarketSubscription<Type>,
    handler: (payload: MarketEventMap[Type], key: string) => void | Promise<void>,
  ): Unsubscribe;
  /** The newest event of a state type and key. */
  latest<Type extends MarketEventType>(type: Type, key: string): MarketEventMap[Type] | undefined;
  stats(): MarketBusStats;
}
