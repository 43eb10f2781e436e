/** How a factor moves for some hours. */
export interface Regime {
  readonly name: 'trend-up' | 'trend-down' | 'range' | 'volatile' | 'quiet';
  /** The mean move of a minute, in usual moves. */
  readonly drift: number;
  /** The size of moves, in usual moves. */
  readonly volatility: number;
  /** The part of the distance to the middle of the range that a minute takes back. */
  readonly reversion: number;
  /** The chance of a jump in a minute. */
  readonly jumps: number;
  /** Volume and the pace of positioning, against the usual. */
  readonly activity: number;
  readonly meanHours: number;
  /** Chances of the regimes that follow, in the order of {@link regimes}. They sum to one. */
  readonly next: readonly number[];
}

/** The five regimes. Trends run out into ranges and shake-outs; quiet breaks out. */
export const regimes: readonly Regime[] = [
  {
    name: 'trend-up',
    drift: 0.11,
    volatility: 0.85,
    reversion: 0,
    jumps: 1 / 2500,
    activity: 1.2,
    meanHours: 7,
    next: [0, 0.15, 0.45, 0.3, 0.1],
  },
  {
    name: 'trend-down',
    // Falls are steeper and shorter; what they take is what rises give.
    drift: -0.128,
    volatility: 0.95,
    reversion: 0,
    jumps: 1 / 1800,
    activity: 1.25,
    meanHours: 6,
    next: [0.15, 0, 0.45, 0.3, 0.1],
  },
  {
    name: 'range',
    drift: 0,
    volatility: 0.7,
    reversion: 0.012,
    jumps: 1 / 4000,
    activity: 0.8,
    meanHours: 5,
    next: [0.29, 0.29, 0, 0.2, 0.22],
  },
  {
    name: 'volatile',
    drift: 0,
    volatility: 1.9,
    reversion: 0.002,
    jumps: 1 / 150,
    activity: 2,
    meanHours: 2,
    next: [0.3, 0.3, 0.3, 0, 0.1],
  },
  {
    name: 'quiet',
    drift: 0,
    volatility: 0.4,
    reversion: 0.004,
    jumps: 1 / 6000,
    activity: 0.5,
    meanHours: 4,
    next: [0.275, 0.275, 0.3, 0.15, 0],
  },
];

/** The index of the regime after one, by a number in [0, 1). */
export function nextRegime(index: number, chance: number): number {
  const { next } = regimes[index] ?? { next: [1] };
  let left = chance;
  for (let i = 0; i < next.length; i += 1) {
    left -= next[i] ?? 0;
    if (left < 0) return i;
  }
  return next.findIndex((share) => share > 0);
}

/** Minutes a regime lasts, by a number in [0, 1): at least a fifth of its mean, at most three times it. */
export function regimeMinutes(index: number, chance: number): number {
  const mean = (regimes[index]?.meanHours ?? 1) * 60;
  return Math.ceil(mean * Math.min(3, Math.max(0.2, -Math.log(1 - chance))));
}
