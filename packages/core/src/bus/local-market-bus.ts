import type { Clock } from '../clock/clock.ts';
import { type MarketEventMap, type MarketEventType, marketDelivery } from '../events/event-map.ts';
import { type Logger, silentLogger } from '../logger/logger.ts';
import type { Unsubscribe } from '../ports/event-bus.ts';
import type { MarketBus, MarketBusStats, MarketSubscription } from '../ports/market-bus.ts';
import { StateBacklog, StreamBacklog } from './market-backlog.ts';
import { MarketChannel } from './market-channel.ts';
import { MarketListener } from './market-listener.ts';
import { WorkInFlight } from './work-in-flight.ts';

/** Options of {@link LocalMarketBus}. */
export interface LocalMarketBusOptions {
  /** Held while a handler's promise is pending. */
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Called at the first event that a subscription gives up, once per run of them: the key then needs a resync. */
  readonly onOverflow?: (overflow: { readonly type: MarketEventType; readonly key: string }) => void;
}

type Channels = { readonly [Type in MarketEventType]: MarketChannel<MarketEventMap[Type]> };

const defaultMaxPending = 10_000;

/**
 * Market data inside a process, handed over by direct calls: a publish to a free handler allocates nothing. A listener that
 * throws is logged and counted, and disturbs neither the publisher nor the other listeners.
 * @example
 * const bus = new LocalMarketBus({ clock });
 * bus.subscribe({ type: 'ticker.updated', key: 'BTC-PERP@hyperliquid' }, (ticker) => console.log(ticker.mark));
 */
export class LocalMarketBus implements MarketBus {
  readonly #channels: Channels = {
    'ticker.updated': new MarketChannel(marketDelivery['ticker.updated']),
    'book.updated': new MarketChannel(marketDelivery['book.updated']),
    'funding.updated': new MarketChannel(marketDelivery['funding.updated']),
    'open-interest.updated': new MarketChannel(marketDelivery['open-interest.updated']),
    'candle.updated': new MarketChannel(marketDelivery['candle.updated']),
    'indicators.updated': new MarketChannel(marketDelivery['indicators.updated']),
    'trade.received': new MarketChannel(marketDelivery['trade.received']),
    'book-delta.received': new MarketChannel(marketDelivery['book-delta.received']),
    'liquidation.received': new MarketChannel(marketDelivery['liquidation.received']),
  };
  readonly #work: WorkInFlight;
  readonly #logger: Logger;
  readonly #onOverflow: NonNullable<LocalMarketBusOptions['onOverflow']>;
  /** Of the listeners that have left. */
  readonly #gone = { delivered: 0, conflated: 0, overflowed: 0, failed: 0 };

  constructor(options: LocalMarketBusOptions) {
    this.#work = new WorkInFlight(options.clock);
    this.#logger = options.logger ?? silentLogger;
    this.#onOverflow =
      options.onOverflow ??
      ((overflow) => this.#logger.warn(overflow, 'a market listener fell behind: events were given up'));
  }

  publish<Type extends MarketEventType>(type: Type, key: string, payload: MarketEventMap[Type]): void | Promise<void> {
    return this.#channels[type].publish(key, payload);
  }

  subscribe<Type extends MarketEventType>(
    subscription: MarketSubscription<Type>,
    handler: (payload: MarketEventMap[Type], key: string) => void | Promise<void>,
  ): Unsubscribe {
    const { type, key, maxPending = defaultMaxPending } = subscription;
    const channel = this.#channels[type];
    const isState = channel.delivery === 'state';
    const listener = new MarketListener<MarketEventMap[Type]>({
      type,
      ...(key === undefined ? {} : { key }),
      handler,
      backlog: isState
        ? new StateBacklog()
        : new StreamBacklog(maxPending, (overflown) => this.#onOverflow({ type, key: overflown })),
      // A state's backlog is bounded by its keys; a stream's publishers wait at half of the bound.
      fullAt: isState ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(maxPending / 2)),
      work: this.#work,
      logger: this.#logger,
    });
    channel.add(listener);
    return () => {
      if (!channel.remove(listener)) return;
      listener.end();
      this.#gone.delivered += listener.delivered;
      this.#gone.failed += listener.failed;
      this.#gone.conflated += listener.backlog.conflated;
      this.#gone.overflowed += listener.backlog.overflowed;
    };
  }

  latest<Type extends MarketEventType>(type: Type, key: string): MarketEventMap[Type] | undefined {
    return this.#channels[type].latest(key);
  }

  stats(): MarketBusStats {
    let published = 0;
    let { delivered, conflated, overflowed, failed } = this.#gone;
    for (const channel of Object.values(this.#channels)) {
      published += channel.published;
      for (const listener of channel.listeners) {
        delivered += listener.delivered;
        failed += listener.failed;
        conflated += listener.backlog.conflated;
        overflowed += listener.backlog.overflowed;
      }
    }
    return { published, delivered, conflated, overflowed, failed };
  }
}
