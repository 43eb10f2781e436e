// Generated from the indicators by generator/write-updates.ts and held to them by fused-updates.test.ts: do not edit.

import type { FusedUpdate } from '../fused-update.ts';

/** bollinger(20,2), macd(12,26,9), rsi(14), atr(14), ema(20). */
export const updateNineValues: FusedUpdate = {
  names: ['bollinger(20,2)', 'macd(12,26,9)', 'rsi(14)', 'atr(14)', 'ema(20)'],
  values: [
    'ema(20)',
    'rsi(14)',
    'macd(12,26,9)',
    'macd(12,26,9).signal',
    'macd(12,26,9).histogram',
    'bollinger(20,2).upper',
    'bollinger(20,2).middle',
    'bollinger(20,2).lower',
    'atr(14)',
  ],
  update: (numbers, from, { close, high, low }) => {
    const begin = from & 0x3fffffff;
    // bollinger(20,2)
    const period1 = 20;
    const deviations1 = 2;
    const come3 = (numbers[begin] ?? 0) | 0;
    const turn3 = come3 >> 20;
    const place3 = come3 & 1048575;
    const isRound3 = place3 + 1 === period1;
    if (turn3 === 0 || (isRound3 && turn3 === 32)) return 0;
    const value3 = close;
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
    if (!isSound3) return 0;
    numbers[begin + 5 + place3] = value3;
    numbers[begin] = isRound3 ? (turn3 + 1) << 20 : come3 + 1;
    numbers[begin + 2] = sum3;
    numbers[begin + 3] = square3;
    const stored26At1 = anchor3 + offset3;
    numbers[begin + 26] = stored26At1;
    const result4 = Math.sqrt(0.5 * (Math.abs(variance3) + variance3));
    numbers[begin + 25] = result4;
    const mean1 = stored26At1;
    const distance1 = deviations1 * result4;
    numbers[begin + 25] = mean1 + distance1;
    numbers[begin + 27] = mean1 - distance1;
    // macd(12,26,9)
    const fastPeriod5 = 12;
    const slowPeriod5 = 26;
    const signalPeriod5 = 9;
    const value5 = close;
    if (numbers[begin + 28] !== slowPeriod5 + signalPeriod5 - 1 || value5 - value5 !== 0) return 1;
    const fastBefore5 = numbers[begin + 29] ?? 0;
    const slowBefore5 = numbers[begin + 30] ?? 0;
    const signalBefore5 = numbers[begin + 31] ?? 0;
    const fast5 = fastBefore5 + (value5 - fastBefore5) * (2 / (fastPeriod5 + 1));
    const slow5 = slowBefore5 + (value5 - slowBefore5) * (2 / (slowPeriod5 + 1));
    const line5 = fast5 - slow5;
    const signal5 = signalBefore5 + (line5 - signalBefore5) * (2 / (signalPeriod5 + 1));
    numbers[begin + 29] = fast5;
    numbers[begin + 30] = slow5;
    numbers[begin + 31] = signal5;
    numbers[begin + 32] = line5;
    numbers[begin + 33] = signal5;
    numbers[begin + 34] = line5 - signal5;
    // rsi(14)
    const period6 = 14;
    const value7 = close;
    const change7 = value7 - (numbers[begin + 36] ?? 0);
    const weight7 = 1 / period6;
    const keep7 = 1 - weight7;
    const half7 = 0.5 * weight7;
    const gain7 = (numbers[begin + 37] ?? 0) * keep7 + (Math.abs(change7) + change7) * half7;
    const loss7 = (numbers[begin + 38] ?? 0) * keep7 + (Math.abs(change7) - change7) * half7;
    const total9 = gain7 + loss7;
    const result9 = total9 === 0 ? 50 : (100 * gain7) / total9;
    const index7 = result9;
    if ((numbers[begin + 35] ?? 0) <= period6 || index7 - index7 !== 0) return 2;
    numbers[begin + 36] = value7;
    numbers[begin + 37] = gain7;
    numbers[begin + 38] = loss7;
    numbers[begin + 39] = index7;
    // atr(14)
    const period10 = 14;
    const high10 = high;
    const low10 = low;
    const close10 = close;
    const all10 = high10 + low10 + close10;
    if ((numbers[begin + 40] ?? 0) <= period10 || all10 - all10 !== 0) return 3;
    const average10 = numbers[begin + 42] ?? 0;
    const previousClose12 = numbers[begin + 41] ?? 0;
    const above12 = previousClose12 - high10;
    const below12 = low10 - previousClose12;
    const result12 = high10 - low10 + 0.5 * (Math.abs(above12) + above12 + (Math.abs(below12) + below12));
    const next10 = average10 + (result12 - average10) * (1 / period10);
    numbers[begin + 41] = close10;
    numbers[begin + 42] = next10;
    numbers[begin + 43] = next10;
    // ema(20)
    const period13 = 20;
    const average13 = numbers[begin + 45] ?? 0;
    const change13 = close - average13;
    if (numbers[begin + 44] !== period13 || change13 - change13 !== 0) return 4;
    const next13 = average13 + change13 * (2 / (period13 + 1));
    numbers[begin + 45] = next13;
    numbers[begin + 46] = next13;
    return 5;
  },
  read: (numbers, from, into) => {
    const begin = from & 0x3fffffff;
    into[0] = numbers[begin + 46] as number;
    into[1] = numbers[begin + 39] as number;
    into[2] = numbers[begin + 32] as number;
    into[3] = numbers[begin + 33] as number;
    into[4] = numbers[begin + 34] as number;
    into[5] = numbers[begin + 25] as number;
    into[6] = numbers[begin + 26] as number;
    into[7] = numbers[begin + 27] as number;
    into[8] = numbers[begin + 43] as number;
  },
};
