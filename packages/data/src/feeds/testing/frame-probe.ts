import {
  type FeedChannel,
  type FeedUpdate,
  type Logger,
  SeededRandom,
  SimulatedClock,
  silentLogger,
} from '@perpdesk/core';
import type { CcxtClient, GuardedExchange } from '@perpdesk/core/ccxt';
import { FeedSink } from '../feed-sink.ts';
import { FeedStream } from '../feed-stream.ts';
import { defaultTiming } from '../feed-timing.ts';
import { MarketCatalog } from '../market-catalog.ts';
import { ReconnectGate } from '../reconnect-gate.ts';
import { Refusals } from '../refusals.ts';
import type { FrameReader } from '../venue-feed.ts';
import { type FeedVenue, venueFeeds } from '../venue-feeds.ts';
import { sampleAtMs } from './venue-samples.ts';

const everyChannel: readonly FeedChannel[] = [
  ...(['trades', 'book', 'candles', 'ticker', 'funding', 'open-interest', 'liquidations'] as const),
];

/** A venue's reader and all that is behind it, without sockets: frames in, updates out. */
export class FrameProbe {
  readonly updates: FeedUpdate[] = [];
  readonly catalog = new MarketCatalog();
  readonly refusals: Refusals;
  readonly clock: SimulatedClock;
  accepted = 0;
  readonly #read: FrameReader;
  readonly #sink: FeedSink;
  readonly #streams = new Map<string, FeedStream>();

  constructor(
    venue: FeedVenue,
    listing: Readonly<Record<string, unknown>>,
    options: { readonly logger?: Logger; readonly startAtMs?: number } = {},
  ) {
    const spec = venueFeeds[venue];
    const clock = new SimulatedClock({ startAtMs: options.startAtMs ?? sampleAtMs });
    this.clock = clock;
    const logger = options.logger ?? silentLogger;
    this.refusals = new Refusals({ logger });
    this.catalog.load(spec, listing);
    this.#read = spec.reader();
    this.#sink = new FeedSink({
      clock,
      catalog: this.catalog,
      refusals: this.refusals,
      needs: spec.needs ?? {},
      stream: (id, channel) => this.#streams.get(`${id} ${channel}`),
      taken: () => {
        this.accepted += 1;
      },
      unreadable: () => {},
    });
    const away = (): Promise<never> => Promise.reject(new Error('There is no venue.'));
    const context: ConstructorParameters<typeof FeedStream>[0] = {
      ...{ venue: spec, clock, logger, client: inertClient, timing: defaultTiming },
      gate: new ReconnectGate({ clock, random: new SeededRandom(1), timing: defaultTiming }),
      requests: { trades: away, candles: away, book: away },
      poll: away,
      venueNowMs: () => clock.nowMs(),
      isShared: () => false,
    };
    for (const { id } of this.catalog.instruments()) {
      const market = this.catalog.get(id);
      for (const channel of market === undefined ? [] : everyChannel) {
        const stream = new FeedStream(context, market as NonNullable<typeof market>, channel);
        stream.add((update) => void this.updates.push(update));
        this.#streams.set(`${id} ${channel}`, stream);
      }
    }
  }

  /** Takes a frame as ccxt hands it over. Returns what the reader does: false for what is ccxt's. */
  take(frame: unknown): boolean {
    this.#sink.begin(frame, 'ws://probe');
    if (typeof frame === 'string' && /^\s*[[{]/.test(frame)) {
      this.#sink.refuse('frame.unreadable');
      return true;
    }
    return this.#read(frame, this.#sink);
  }

  /** The text of a frame as ccxt 4.5.84 parses it: long whole numbers become text, what is no JSON stays text. */
  takeText(text: string): boolean {
    let frame: unknown = text;
    try {
      frame = JSON.parse(text.replace(/:(\d{15,}),/g, ':"$1",'));
    } catch {
      // No JSON: the reader is given the text and has to count it.
    }
    return this.take(frame);
  }

  /** Updates of one kind. */
  of<Kind extends FeedUpdate['kind']>(kind: Kind): Extract<FeedUpdate, { kind: Kind }>[] {
    return this.updates.filter((update): update is Extract<FeedUpdate, { kind: Kind }> => update.kind === kind);
  }
}

const inertClient: CcxtClient = {
  venue: 'binance',
  exchange: {} as GuardedExchange,
  sockets: {
    urls: () => [],
    isOpen: () => false,
    wasSent: () => true,
    send: () => {},
    forget: () => {},
    drop: () => {},
  },
  ask: () => Promise.reject(new Error('There is no venue.')),
  askEndpoint: () => Promise.reject(new Error('There is no venue.')),
  watch: () => Promise.reject(new Error('There is no venue.')),
  readAccount: () => Promise.reject(new Error('There is no venue.')),
  act: () => Promise.reject(new Error('There is no venue.')),
  measureSkew: () => Promise.reject(new Error('There is no venue.')),
  close: async () => {},
};
