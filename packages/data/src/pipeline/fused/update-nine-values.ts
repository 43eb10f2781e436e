// Generated from the indicators by generator/write-updates.ts and held to them by fused-updates.test.ts: do not edit.

import type { FusedUpdate } from '../fused-update.ts';
import { presentBar } from '../present-bar.ts';

const { high, low, close } = presentBar;

/** bollinger(20,2), macd(12,26,9), rsi(14), atr(14), ema(20). */
export const updateNineValues: FusedUpdate = {
  names: ['bollinger(20,2)', 'macd(12,26,9)', 'rsi(14)', 'atr(14)', 'ema(20)'],
  update: (numbers, begin, others) => {
    // bollinger(20,2)
    const period1 = 20;
    const deviations1 = 2;
    const result2 = 5 + period1;
    const upper1 = begin + result2;
    const row3 = 0;
    const meanAt3 = upper1 + 1;
    const come3 = (numbers[begin] ?? 0) | 0;
    const turn3 = come3 >> 20;
    const place3 = come3 & 1048575;
    const isRound3 = place3 + 1 === period1;
    if (turn3 === 0 || (isRound3 && turn3 === 32)) {
      others[0]?.(numbers, begin);
    } else {
      const value3 = close[row3] ?? Number.NaN;
      const leaving3 = numbers[begin + 5 + place3] ?? 0;
      const share3 = 1 / period1;
      const anchor3 = numbers[begin + 1] ?? 0;
      const taken3 = numbers[begin + 4] ?? 0;
      const distance3 = value3 - anchor3;
      const before3 = leaving3 - anchor3;
      const change3 = distance3 - before3;
      const sum3 = (numbers[begin + 2] ?? 0) + change3;
      const square3 = (numbers[begin + 3] ?? 0) + change3 * (distance3 + before3);
      const offset3 = sum3 * share3;
      const meanSquare3 = square3 * share3;
      const variance3 = meanSquare3 - offset3 * offset3;
      const isSound3 =
        variance3 >= taken3 * 0.00390625 &&
        variance3 >= meanSquare3 * 0.000003814697265625 &&
        before3 * before3 <= taken3 * 1024;
      if (!isSound3) {
        others[0]?.(numbers, begin);
      } else {
        numbers[begin + 5 + place3] = value3;
        numbers[begin] = isRound3 ? (turn3 + 1) << 20 : come3 + 1;
        numbers[begin + 2] = sum3;
        numbers[begin + 3] = square3;
        numbers[meanAt3] = anchor3 + offset3;
        const result4 = Math.sqrt(0.5 * (Math.abs(variance3) + variance3));
        numbers[upper1] = result4;
        const mean1 = numbers[upper1 + 1] ?? Number.NaN;
        const distance1 = deviations1 * (numbers[upper1] ?? Number.NaN);
        numbers[upper1] = mean1 + distance1;
        numbers[upper1 + 2] = mean1 - distance1;
      }
    }
    // macd(12,26,9)
    const at5 = begin + 28;
    const fastPeriod5 = 12;
    const slowPeriod5 = 26;
    const signalPeriod5 = 9;
    const value5 = close[0] ?? Number.NaN;
    if (numbers[at5] !== slowPeriod5 + signalPeriod5 - 1 || value5 - value5 !== 0) {
      others[1]?.(numbers, begin + 28);
    } else {
      const fastBefore5 = numbers[at5 + 1] ?? 0;
      const slowBefore5 = numbers[at5 + 2] ?? 0;
      const signalBefore5 = numbers[at5 + 3] ?? 0;
      const fast5 = fastBefore5 + (value5 - fastBefore5) * (2 / (fastPeriod5 + 1));
      const slow5 = slowBefore5 + (value5 - slowBefore5) * (2 / (slowPeriod5 + 1));
      const line5 = fast5 - slow5;
      const signal5 = signalBefore5 + (line5 - signalBefore5) * (2 / (signalPeriod5 + 1));
      numbers[at5 + 1] = fast5;
      numbers[at5 + 2] = slow5;
      numbers[at5 + 3] = signal5;
      numbers[at5 + 4] = line5;
      numbers[at5 + 4 + 1] = signal5;
      numbers[at5 + 4 + 2] = line5 - signal5;
    }
    // rsi(14)
    const at6 = begin + 35;
    const period6 = 14;
    const outAt7 = at6 + 4;
    const value7 = close[0] ?? Number.NaN;
    const change7 = value7 - (numbers[at6 + 1] ?? 0);
    const weight7 = 1 / period6;
    const keep7 = 1 - weight7;
    const half7 = 0.5 * weight7;
    const gain7 = (numbers[at6 + 2] ?? 0) * keep7 + (Math.abs(change7) + change7) * half7;
    const loss7 = (numbers[at6 + 3] ?? 0) * keep7 + (Math.abs(change7) - change7) * half7;
    const total8 = gain7 + loss7;
    const result8 = total8 === 0 ? 50 : (100 * gain7) / total8;
    const index7 = result8;
    if ((numbers[at6] ?? 0) <= period6 || index7 - index7 !== 0) {
      others[2]?.(numbers, begin + 35);
    } else {
      numbers[at6 + 1] = value7;
      numbers[at6 + 2] = gain7;
      numbers[at6 + 3] = loss7;
      numbers[outAt7] = index7;
    }
    // atr(14)
    const at9 = begin + 40;
    const period9 = 14;
    const high9 = high[0] ?? Number.NaN;
    const low9 = low[0] ?? Number.NaN;
    const close9 = close[0] ?? Number.NaN;
    const all9 = high9 + low9 + close9;
    if ((numbers[at9] ?? 0) <= period9 || all9 - all9 !== 0) {
      others[3]?.(numbers, begin + 40);
    } else {
      const average9 = numbers[at9 + 2] ?? 0;
      const previousClose10 = numbers[at9 + 1] ?? 0;
      const above10 = previousClose10 - high9;
      const below10 = low9 - previousClose10;
      const result10 = high9 - low9 + 0.5 * (Math.abs(above10) + above10 + (Math.abs(below10) + below10));
      const next9 = average9 + (result10 - average9) * (1 / period9);
      numbers[at9 + 1] = close9;
      numbers[at9 + 2] = next9;
      numbers[at9 + 3] = next9;
    }
    // ema(20)
    const at11 = begin + 44;
    const period11 = 20;
    const average11 = numbers[at11 + 1] ?? 0;
    const change11 = (close[0] ?? Number.NaN) - average11;
    if (numbers[at11] !== period11 || change11 - change11 !== 0) {
      others[4]?.(numbers, begin + 44);
    } else {
      const next11 = average11 + change11 * (2 / (period11 + 1));
      numbers[at11 + 1] = next11;
      numbers[at11 + 2] = next11;
    }
  },
};
