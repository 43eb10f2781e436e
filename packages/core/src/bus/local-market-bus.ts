import type { Clock } from '../clock/clock.ts';
import { type MarketEventMap, type MarketEventType, marketDelivery } from '../events/event-map.ts';
import { type Logger, silentLogger } from '../logger/logger.ts';
import type { Unsubscribe } from '../ports/event-bus.ts';
import type { MarketBus, MarketBusStats, MarketSubscription } from '../ports/market-bus.ts';
import { StateBacklog, StreamBacklog } from './market-backlog.ts';
import { MarketChannel } from './market-channel.ts';
import { MarketCounts } from './market-counts.ts';
import { MarketListener } from './market-listener.ts';
import type { MarketTopic } from './market-topic.ts';
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
  readonly #counts = new MarketCounts();
  readonly #channels: Channels = {
    'ticker.updated': new MarketChannel(marketDelivery['ticker.updated'], this.#counts),
    'book.updated': new MarketChannel(marketDelivery['book.updated'], this.#counts),
    'funding.updated': new MarketChannel(marketDelivery['funding.updated'], this.#counts),
    'open-interest.updated': new MarketChannel(marketDelivery['open-interest.updated'], this.#counts),
    'candle.updated': new MarketChannel(marketDelivery['candle.updated'], this.#counts),
    'indicators.updated': new MarketChannel(marketDelivery['indicators.updated'], this.#counts),
    'indicators.previewed': new MarketChannel(marketDelivery['indicators.previewed'], this.#counts),
    'trade.received': new MarketChannel(marketDelivery['trade.received'], this.#counts),
    'book-delta.received': new MarketChannel(marketDelivery['book-delta.received'], this.#counts),
    'liquidation.received': new MarketChannel(marketDelivery['liquidation.received'], this.#counts),
    'turn.drafted': new MarketChannel(marketDelivery['turn.drafted'], this.#counts),
  };
  readonly #work: WorkInFlight;
  readonly #logger: Logger;
  readonly #onOverflow: NonNullable<LocalMarketBusOptions['onOverflow']>;

  constructor(options: LocalMarketBusOptions) {
    this.#work = new WorkInFlight(options.clock);
    this.#logger = options.logger ?? silentLogger;
    this.#onOverflow =
      options.onOverflow ??
      ((overflow) => this.#logger.warn(overflow, 'a market listener fell behind: events were given up'));
  }

  publish<Type extends MarketEventType>(type: Type, key: string, payload: MarketEventMap[Type]): void | Promise<void> {
    return this.#channels[type].topic(key).publish(payload);
  }

  /** The topic of a type and key, to publish on without a look-up. The same one every time; it lives as long as the bus. */
  topic<Type extends MarketEventType>(type: Type, key: string): MarketTopic<MarketEventMap[Type]> {
    return this.#channels[type].topic(key);
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
      makeBacklog: () =>
        isState
          ? new StateBacklog(this.#counts)
          : new StreamBacklog(maxPending, this.#counts, (overflown) => this.#tellOverflow(type, overflown)),
      // A state's backlog is bounded by its keys; a stream's publishers wait at half of the bound.
      fullAt: isState ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(maxPending / 2)),
      counts: this.#counts,
      work: this.#work,
      logger: this.#logger,
    });
    channel.add(listener);
    return () => {
      channel.remove(listener);
      listener.end();
    };
  }

  latest<Type extends MarketEventType>(type: Type, key: string): MarketEventMap[Type] | undefined {
    return this.#channels[type].latest(key);
  }

  stats(): MarketBusStats {
    return { ...this.#counts };
  }

  #tellOverflow(type: MarketEventType, key: string): void {
    try {
      this.#onOverflow({ type, key });
    } catch (error) {
      this.#logger.error({ error, type, key }, 'an overflow of a market listener could not be told');
    }
  }
}
