import type { KeyLevel } from '@perpdesk/core';
import { roundSignificant } from './feature-set.ts';
import { meanOf } from './measures.ts';
import { at, type Series } from './series.ts';
import type { Swing } from './swings.ts';

/** A timeframe's swings as material for levels. */
export interface LevelSource {
  readonly series: Series;
  readonly swings: readonly Swing[];
  /** How much a touch of this timeframe counts. */
  readonly weight: number;
}

/** What {@link findLevels} goes by. */
export interface LevelOptions {
  /** Prices closer than this to a level belong to it. */
  readonly tolerance: number;
  /** What tells support (below) from resistance (above). */
  readonly price: number;
  /** At most so many a side. */
  readonly perSide: number;
}

interface Touch {
  readonly price: number;
  readonly weight: number;
  /** 0 (the window's first bar) to 1 (its last). */
  readonly recency: number;
  /** The bar's volume over the window's mean, at most 2. */
  readonly volume: number;
}

/**
 * Finds support and resistance: swing prices of all timeframes, gathered to levels by nearness, nearest to the price first,
 * supports before resistances. Strength in [0, 1]: 0.5 by touches (4 weighted touches are full), 0.3 by the age of the
 * youngest touch, 0.2 by the volume at the touches (twice the mean is full).
 */
export function findLevels(sources: readonly LevelSource[], options: LevelOptions): readonly KeyLevel[] {
  const touches = sources.flatMap(touchesOf).sort((a, b) => a.price - b.price);
  const levels: KeyLevel[] = [];
  let group: Touch[] = [];
  for (const touch of touches) {
    const first = group[0];
    if (first !== undefined && touch.price - first.price > options.tolerance) {
      levels.push(levelOf(group, options.price));
      group = [];
    }
    group.push(touch);
  }
  if (group.length > 0) levels.push(levelOf(group, options.price));
  const side = (kind: KeyLevel['kind']): KeyLevel[] =>
    levels
      .filter((level) => level.kind === kind)
      .sort((a, b) => Math.abs(a.price - options.price) - Math.abs(b.price - options.price))
      .slice(0, options.perSide);
  return [...side('support'), ...side('resistance')];
}

function touchesOf({ series, swings, weight }: LevelSource): Touch[] {
  const meanVolume = meanOf(series.volume);
  return swings.map((swing) => ({
    price: swing.price,
    weight,
    recency: swing.index / (series.length - 1),
    volume: meanVolume > 0 ? Math.min(at(series.volume, swing.index) / meanVolume, 2) : 0,
  }));
}

function levelOf(group: readonly Touch[], price: number): KeyLevel {
  let weight = 0;
  let weighted = 0;
  let recency = 0;
  let volume = 0;
  for (const touch of group) {
    weight += touch.weight;
    weighted += touch.weight * touch.price;
    recency = Math.max(recency, touch.recency);
    volume += touch.volume / group.length;
  }
  const level = roundSignificant(weighted / weight);
  const strength = 0.5 * Math.min(weight / 4, 1) + 0.3 * recency + 0.2 * (volume / 2);
  return { kind: level <= price ? 'support' : 'resistance', price: level, strength: roundSignificant(strength) };
}

/** The nearest level of a kind. */
export const nearestLevel = (levels: readonly KeyLevel[], kind: KeyLevel['kind']): KeyLevel | undefined =>
  levels.find((level) => level.kind === kind);
