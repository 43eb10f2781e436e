import { type Evidence, type KeyLevel, ModelError } from '@perpdesk/core';
import type { AgentReading } from '../analyst/assessment.ts';
import { directionOf } from '../analyst/score.ts';
import type { Features } from '../features/feature-set.ts';
import type { ModelAnswer } from './answer-schema.ts';

/** An answer whose every number was found among what the model was shown. */
export interface GroundedAnswer {
  readonly keyLevels: readonly KeyLevel[];
  readonly evidence: readonly Evidence[];
}

/**
 * Checks an answer against the reading it is about: each piece of evidence is a given feature at its value, each key level a
 * computed one or within the tolerance of one, each number in the prose one of those (or a component or the score), and the stated
 * direction that of the score. What comes back holds the computed values, not the model's spelling of them.
 * @throws ModelError `model.ungrounded`, `model.inconsistent`
 */
export function groundAnswer(answer: ModelAnswer, reading: AgentReading, score: number): GroundedAnswer {
  const direction = directionOf(score);
  if (answer.direction !== direction) {
    throw new ModelError(
      'model.inconsistent',
      `The model says ${answer.direction}, its components add up to ${score}: ${direction}.`,
    );
  }
  const evidence = groundEvidence(answer.evidence, reading.features);
  const keyLevels = answer.keyLevels.map(({ kind, price }) => {
    const level = nearest(reading.keyLevels, kind, price);
    if (level === undefined || Math.abs(level.price - price) > reading.levelTolerance)
      throw ungrounded(`a ${kind} at ${price}`);
    return { kind, price, strength: level.strength };
  });
  const known = [
    ...Object.values(reading.features),
    ...reading.keyLevels.map((level) => level.price),
    ...keyLevels.map((level) => level.price),
    ...Object.values(answer.components),
    score,
  ];
  groundProse(answer.reasoning, known);
  return { keyLevels, evidence };
}

/**
 * The cited features at their computed values.
 * @throws ModelError `model.ungrounded` for one that was not given, or given with another value.
 */
export function groundEvidence(cited: readonly Evidence[], features: Features): readonly Evidence[] {
  return cited.map(({ feature, value }) => {
    const given = featureOf(features, feature);
    if (given === undefined || !agrees(given, value, decimalsOf(value))) throw ungrounded(`${value} for a feature`);
    return { feature, value: given };
  });
}

/**
 * Checks that each number a text cites is one of those it was given, within the rounding of its last digit.
 * @throws ModelError `model.ungrounded`
 */
export function groundProse(text: string, known: readonly number[]): void {
  for (const number of numbersIn(text)) {
    if (!isKnown(number, known)) throw ungrounded(number.text);
  }
}

const ungrounded = (what: string): ModelError =>
  new ModelError('model.ungrounded', `The model cites ${what}, which it was not given.`);

function featureOf(features: Features, name: string): number | undefined {
  return Object.hasOwn(features, name) ? features[name] : undefined;
}

function nearest(levels: readonly KeyLevel[], kind: KeyLevel['kind'], price: number): KeyLevel | undefined {
  let best: KeyLevel | undefined;
  for (const level of levels) {
    if (level.kind !== kind) continue;
    if (best === undefined || Math.abs(level.price - price) < Math.abs(best.price - price)) best = level;
  }
  return best;
}

interface CitedNumber {
  readonly text: string;
  readonly value: number;
  /** Half of the last digit that was written. */
  readonly decimals: number;
  readonly percent: boolean;
}

/** What looks like a number in prose but names something: spans and timeframes, indicators with their parameters, ordinals. */
const spans = /(?<![\d.,])\d{1,2}(?:m|h|d|[ -]?(?:min|minute|hour|day|bar|candle)s?|st|nd|rd|th)\b/g;
const indicators = /\b[a-z]+\(\d+(?:,\s*\d+)*\)|\b(?:ema|rsi|atr|macd|sma)[ -]?\d{1,3}\b(?!\.\d)/gi;
const numbers = /[-+−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?:\s?(?:%|[kKmM](?![\p{L}\d])))?/gu;
/** Digits of other scripts, fractions and the like, which the pattern above would not see. */
const otherNumerals = /(?![0-9])\p{N}/u;

/** The numbers that a text cites. A `k` or `M` behind one scales it. */
export function numbersIn(text: string): readonly CitedNumber[] {
  const prose = text.normalize('NFKC').replace(spans, ' ').replace(indicators, ' ');
  const foreign = otherNumerals.exec(prose)?.[0];
  const cited = [...prose.matchAll(numbers)].map((match) => {
    const found = match[0].trim();
    const unit = found.at(-1) ?? '';
    const digits = found.replace(/[,%kKmM\s]/g, '').replace('−', '-');
    const exponent = unit === 'k' || unit === 'K' ? 3 : unit === 'm' || unit === 'M' ? 6 : 0;
    return {
      text: found,
      value: Number(digits) * 10 ** exponent,
      decimals: decimalsOf(Number(digits), digits) - exponent,
      percent: unit === '%',
    };
  });
  return foreign === undefined ? cited : [...cited, { text: foreign, value: Number.NaN, decimals: 0, percent: false }];
}

function decimalsOf(value: number, written = String(value)): number {
  const [mantissa = '', exponent = '0'] = written.toLowerCase().split('e');
  return (mantissa.split('.')[1]?.length ?? 0) - Number(exponent);
}

/** Prose drops signs ("fell 2.1 ATR") and writes shares as percent; both name the same feature. */
function isKnown(number: CitedNumber, known: readonly number[]): boolean {
  return known.some(
    (value) =>
      agrees(Math.abs(value), Math.abs(number.value), number.decimals) ||
      (number.percent && agrees(Math.abs(value) * 100, Math.abs(number.value), number.decimals)),
  );
}

/** Equal within the last digit written, and never further apart than a twentieth: rounding may not make another number of it. */
function agrees(given: number, cited: number, decimals: number): boolean {
  const distance = Math.abs(given - cited);
  return distance <= 0.5 * 10 ** -decimals * (1 + 1e-9) && distance <= 0.05 * Math.abs(given) + 1e-12;
}
