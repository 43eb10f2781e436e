import {
  Decimal,
  type EntryLeg,
  type EntryStyle,
  type Instrument,
  type Price,
  priceFromNumber,
  type Signal,
  toNumber,
  toRate,
  type User,
} from '@perpdesk/core';
import { clamp } from '../features/measures.ts';
import type { MarketConditions } from './features.ts';
import { kodaDefaults as defaults } from './settings.ts';

/** What legs are made for. */
export interface LegRequest {
  readonly signal: Signal;
  readonly aggression: User['aggression'];
  /** Undefined where its rules are not known: then one limit stands at the signal's entry, which is on them. */
  readonly instrument: Instrument | undefined;
  readonly conditions: MarketConditions;
}

const whole = toRate(1);

/**
 * Makes the orders of a style. Limits stand off the mid (without a fresh one: the entry) by shares of the ATR, on the waiting side, never
 * nearer to the stop than the room it needs nor worse than the entry by over 0.25 %, rounded away from crossing. Rungs that fall on one price or would be below the venue's
 * minimum are merged, so a small ladder becomes shorter, at last one limit. Fractions sum to exactly 1.
 */
export function entryLegs(style: EntryStyle, request: LegRequest): readonly EntryLeg[] {
  const { signal, instrument } = request;
  if (style === 'market') return [{ type: 'market', fraction: whole }];
  if (instrument === undefined) return [{ type: 'limit', price: signal.entry, fraction: whole }];
  const { first, step } = defaults.offsets[request.aggression];
  if (style === 'sniper') return [limit(request, instrument, first * defaults.sniperFactor, '1')];
  for (const fractions of [defaults.ladder.three, defaults.ladder.two]) {
    const legs = fractions.map((fraction, i) => limit(request, instrument, first + i * step, fraction));
    const distinct = new Set(legs.map((leg) => leg.price)).size === legs.length;
    if (distinct && legs.every((leg) => isTradable(leg, signal, instrument))) return legs;
  }
  return [limit(request, instrument, first, '1')];
}

function limit(
  { signal, conditions }: LegRequest,
  instrument: Instrument,
  offset: number,
  fraction: string,
): EntryLeg & { readonly price: Price } {
  const entry = toNumber(signal.entry);
  const stop = toNumber(signal.stopLoss);
  const sign = signal.direction === 'long' ? 1 : -1;
  const mid = conditions.mid ?? entry;
  const atr = conditions.atr ?? defaults.assumedAtr * mid;
  // The worst price that still leaves the stop its room: a better entry than that is no entry.
  const nearestToStop = stop + defaults.stopRoom * (entry - stop);
  const worst = entry * (1 + sign * defaults.maxChase);
  const wanted = mid - sign * offset * atr;
  const price = sign === 1 ? clamp(wanted, nearestToStop, worst) : clamp(wanted, worst, nearestToStop);
  return {
    type: 'limit',
    price: priceFromNumber(instrument.priceRule, price, sign === 1 ? 'down' : 'up'),
    fraction: toRate(fraction),
  };
}

function isTradable(leg: EntryLeg & { readonly price: Price }, signal: Signal, instrument: Instrument): boolean {
  const size = new Decimal(signal.size).times(leg.fraction);
  return (
    size.gte(instrument.minSize) && size.gte(instrument.lotSize) && size.times(leg.price).gte(instrument.minNotional)
  );
}
