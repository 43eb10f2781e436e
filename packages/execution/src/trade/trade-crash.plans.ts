import { type Guidance, type Signal, toPrice, toRate } from '@perpdesk/core';
import { marketLeg } from '../testing/trading-desk.ts';
import { exampleGuidance, limitLeg } from './example-signal.ts';

/** A trade that is lived through: when it begins, what the price is at each half minute, how it is entered and left. */
export interface CrashPlan {
  readonly prices: readonly number[];
  readonly spread: number;
  readonly signal: Partial<Signal>;
  readonly guidance: Guidance;
  /** True where the entry has a bound that the price may have passed while the process was dead: then nothing is bought. */
  readonly mayMiss?: boolean;
}

/** The half minute at which the signal comes. */
export const guidedAt = 1;

const onTheWay = { takeProfits: [{ price: toPrice(70_000), fraction: toRate(1) }] };

/** Each enters 0.1 BTC in the end, but for one that may miss it, and is out of all of it at the end of its prices. */
export const crashPlans = {
  /** A ladder fills in two steps, one target is reached, then the stop. */
  ladder: {
    prices: [60_000, 59_980, 59_985, 59_940, 60_100, 60_760, 60_300, 60_200, 59_480, 59_400, 59_400],
    spread: 0,
    signal: {},
    guidance: exampleGuidance([limitLeg(59_990, '0.5'), limitLeg(59_950, '0.5')]),
  },
  /** Four slices over two minutes, one of which finds the price too far away, then the stop. */
  twap: {
    prices: [60_000, 60_000, 60_010, 60_100, 60_000, 60_020, 60_000, 60_010, 60_000, 59_480, 59_400, 59_400],
    spread: 0,
    signal: {},
    guidance: exampleGuidance([marketLeg], { pacing: { kind: 'twap', slices: 4, durationMs: 140_000 } }),
  },
  /** A limit follows the touch upwards until the price comes back to it, one target is reached, then the stop. */
  chase: {
    prices: [60_000, 60_000, 60_010, 60_020, 59_990, 60_100, 60_760, 60_300, 59_480, 59_400, 59_400],
    spread: 10,
    signal: {},
    guidance: exampleGuidance([marketLeg], {
      pacing: { kind: 'chase', moves: 3, pauseMs: 10_000, maxDistance: toRate('0.001'), finish: 'take' },
    }),
    mayMiss: true,
  },
  /**
   * The stop goes to break-even, then follows the price, and ends the position in profit. The price stays where the entry may
   * go for as long as an order of unknown outcome is waited for.
   */
  trailing: {
    prices: [60_000, 60_000, 60_010, 60_020, 60_300, 60_520, 60_620, 61_000, 60_900, 60_690, 60_600, 60_600],
    spread: 0,
    signal: onTheWay,
    guidance: exampleGuidance([marketLeg], {
      exits: {
        breakEven: { atR: 1, offset: toRate('0.001') },
        trailing: { distance: toRate('0.005'), fromR: 1.2 },
      },
    }),
  },
  /** In slices, and out at the market when its time has come. */
  timed: {
    prices: [60_000, 60_000, 60_010, 60_005, 60_000, 60_020, 60_030, 60_000, 60_010, 60_010],
    spread: 0,
    signal: onTheWay,
    guidance: exampleGuidance([marketLeg], {
      pacing: { kind: 'twap', slices: 2, durationMs: 60_000 },
      exits: { maxHoldMs: 150_000 },
    }),
  },
} as const satisfies Record<string, CrashPlan>;

export type CrashPlanName = keyof typeof crashPlans;
