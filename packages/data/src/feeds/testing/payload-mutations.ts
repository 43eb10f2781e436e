import {
  bookDeltaSchema,
  candleSchema,
  type FeedUpdate,
  fundingRateSchema,
  type Logger,
  liquidationSchema,
  openInterestSchema,
  orderBookSchema,
  SeededRandom,
  silentLogger,
  tickerSchema,
  tradeSchema,
} from '@perpdesk/core';
import type { FeedVenue } from '../venue-feeds.ts';
import { FrameProbe } from './frame-probe.ts';
import { venueSamples } from './venue-samples.ts';

/** What became of a venue's mutated payloads. From `crashes` on all have to be 0. */
export interface MutationResult {
  readonly cases: number;
  /** Payloads of which everything was taken: the mutation did no harm. */
  readonly taken: number;
  /** Payloads of which something was refused and counted. */
  readonly refused: number;
  /** Payloads that look like ccxt's own business now. */
  readonly passedOn: number;
  /** Payloads with an empty list, which says nothing. */
  readonly empty: number;
  /** Lines in the log. */
  readonly sampled: number;
  readonly crashes: number;
  /** Updates that the domain's schemas refuse. */
  readonly unsound: number;
  /** Payloads of which something is neither told nor counted. */
  readonly vanished: number;
  /** Good payloads after a bad one that were not taken whole. */
  readonly goodLost: number;
}

/** Sends mutated payloads of a venue through its reader, a good one after each. The same seed gives the same payloads. */
export function runPayloadMutations(options: {
  readonly venue: FeedVenue;
  readonly seed: number | string;
  readonly cases: number;
}): MutationResult {
  const { venue, cases } = options;
  const random = new SeededRandom(`${options.seed} ${venue}`);
  const sample = venueSamples[venue];
  const result = { taken: 0, refused: 0, passedOn: 0, empty: 0, crashes: 0, unsound: 0, vanished: 0, goodLost: 0 };
  let lines = 0;
  const counting: Logger = {
    ...silentLogger,
    warn: () => {
      lines += 1;
    },
    child: () => counting,
  };
  const probe = new FrameProbe(venue, sample.listing, { logger: counting });
  for (let i = 0; i < cases; i += 1) {
    const pick = sample.frames[Math.floor(random.next() * sample.frames.length)] ?? sample.frames[0];
    if (pick === undefined) break;
    const text = mutated(pick.frame, random);
    const before = { accepted: probe.accepted, refused: probe.refusals.total };
    try {
      const ours = probe.takeText(text);
      const taken = probe.accepted - before.accepted;
      const refused = probe.refusals.total - before.refused;
      if (!ours) result.passedOn += 1;
      else if (refused > 0) result.refused += 1;
      else if (taken > 0) result.taken += 1;
      else if (text.includes('[]')) result.empty += 1;
      else result.vanished += 1;
    } catch {
      result.crashes += 1;
    }
    result.unsound += probe.updates.filter((update) => !isSound(update)).length;
    probe.updates.length = 0;
    result.goodLost += good(probe, pick) ? 0 : 1;
    probe.updates.length = 0;
  }
  return { cases, ...result, sampled: lines };
}

function good(probe: FrameProbe, pick: { readonly facts: number; readonly frame: object }): boolean {
  const before = { accepted: probe.accepted, refused: probe.refusals.total };
  probe.takeText(JSON.stringify(pick.frame));
  return probe.accepted - before.accepted >= pick.facts && probe.refusals.total === before.refused;
}

/** True when an update is what the domain says it is. */
export function isSound(update: FeedUpdate): boolean {
  switch (update.kind) {
    case 'trade':
      return tradeSchema.safeParse(update.trade).success;
    case 'book':
      return orderBookSchema.safeParse(update.book).success;
    case 'book-delta':
      return bookDeltaSchema.safeParse(update.delta).success;
    case 'candle':
      return candleSchema.safeParse(update.candle).success;
    case 'ticker':
      return tickerSchema.safeParse(update.ticker).success;
    case 'funding':
      return fundingRateSchema.safeParse(update.funding).success;
    case 'open-interest':
      return openInterestSchema.safeParse(update.openInterest).success;
    case 'liquidation':
      return liquidationSchema.safeParse(update.liquidation).success;
    default:
      return true;
  }
}

/** Raw JSON that replaces a value. */
const values = [
  ...[
    'NaN',
    'Infinity',
    '-Infinity',
    '1e400',
    '-1e400',
    'null',
    'true',
    'false',
    '[]',
    '{}',
    '""',
    '"NaN"',
    '"Infinity"',
  ],
  ...[
    '-1',
    '"-1"',
    '0',
    '"0"',
    '"1e400"',
    '1e308',
    '"0x1f"',
    '" 1"',
    '"1,5"',
    '"abc"',
    '[1]',
    '{"a":1}',
    '9007199254740993',
  ],
  ...[
    '"\\u0000\\u001b[31m\\u202e"',
    `"${'9'.repeat(400)}"`,
    `"${'x'.repeat(5000)}"`,
    '1700000000',
    '99999999999999',
    '"__proto__"',
  ],
] as const;

/** One mutation of a payload, as text. */
export function mutated(frame: object, random: SeededRandom): string {
  const text = JSON.stringify(frame);
  const kind = Math.floor(random.next() * 6);
  if (kind === 0) return text.slice(0, 1 + Math.floor(random.next() * (text.length - 1)));
  const paths = pathsOf(frame);
  const path = paths[Math.floor(random.next() * paths.length)] ?? [];
  const copy: unknown = JSON.parse(text);
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(Object(at), key), copy);
  const key = path.at(-1) ?? '';
  if (kind === 1 && !Array.isArray(parent)) {
    Reflect.deleteProperty(Object(parent), key);
    return JSON.stringify(copy);
  }
  if (kind === 2 && !Array.isArray(parent)) {
    const value: unknown = Reflect.get(Object(parent), key);
    Reflect.deleteProperty(Object(parent), key);
    Reflect.set(Object(parent), `${key}_`, value);
    return JSON.stringify(copy);
  }
  const marker = '@value@';
  Reflect.set(Object(parent), key, marker);
  const value = values[Math.floor(random.next() * values.length)] ?? 'null';
  const replaced = JSON.stringify(copy).replace(`"${marker}"`, value);
  // An own property of that name, as a hostile sender can write it.
  if (kind === 3) return replaced.replace('{', '{"__proto__":{"polluted":true,"data":1},"constructor":1,');
  return replaced;
}

/** The paths of all values, those of containers too. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}
