// Generated from the indicators by generator/write-updates.ts and held to them by fused-updates.test.ts: do not edit.
import { pair } from '../../indicators/rolling-extremes.ts';
import type { FusedUpdate } from '../fused-update.ts';

/** stochRsi(14,14,3,3), bollinger(20,2), sma(20), adx(14), macd(12,26,9), atr(14), obv, ema(20). */
export const updateNineIndicators: FusedUpdate = {
  names: ['stochRsi(14,14,3,3)', 'bollinger(20,2)', 'sma(20)', 'adx(14)', 'macd(12,26,9)', 'atr(14)', 'obv', 'ema(20)'],
  values: [
    'sma(20)',
    'ema(20)',
    'rsi(14)',
    'macd(12,26,9)',
    'macd(12,26,9).signal',
    'macd(12,26,9).histogram',
    'bollinger(20,2).upper',
    'bollinger(20,2).middle',
    'bollinger(20,2).lower',
    'atr(14)',
    'stochRsi(14,14,3,3)',
    'stochRsi(14,14,3,3).k',
    'stochRsi(14,14,3,3).d',
    'adx(14)',
    'adx(14).plus',
    'adx(14).minus',
    'obv',
  ],
  update: (numbers, from, { close, high, low, volume }) => {
    const begin = from & 0x3fffffff;
    // stochRsi(14,14,3,3)
    const rsi1 = 14;
    const stochastic1 = 14;
    const k1 = 3;
    const d1 = 3;
    const result3 = 3 + 2 * (stochastic1 - 1);
    const kAt1 = begin + 4 + result3;
    const result5 = k1 <= 4 ? k1 : k1 + 1;
    const dAt1 = kAt1 + result5;
    const result7 = d1 <= 4 ? d1 : d1 + 1;
    const output1 = dAt1 + result7;
    const isFull1 = (numbers[begin + 4] ?? 0) >= stochastic1 && numbers[kAt1] === k1 - 1 && numbers[dAt1] === d1 - 1;
    if (!isFull1 || k1 > 4 || d1 > 4) return 0;
    const outAt8 = output1 + 3;
    const value8 = close;
    const change8 = value8 - (numbers[begin + 1] ?? 0);
    const weight8 = 1 / rsi1;
    const keep8 = 1 - weight8;
    const half8 = 0.5 * weight8;
    const gain8 = (numbers[begin + 2] ?? 0) * keep8 + (Math.abs(change8) + change8) * half8;
    const loss8 = (numbers[begin + 3] ?? 0) * keep8 + (Math.abs(change8) - change8) * half8;
    const total10 = gain8 + loss8;
    const result10 = total10 === 0 ? 50 : (100 * gain8) / total10;
    const index8 = result10;
    if ((numbers[begin] ?? 0) <= rsi1 || index8 - index8 !== 0) return 0;
    numbers[begin + 1] = value8;
    numbers[begin + 2] = gain8;
    numbers[begin + 3] = loss8;
    numbers[outAt8] = index8;
    const row11 = output1 + 3;
    const outAt11 = output1 + 1;
    const high11 = numbers[row11] ?? Number.NaN;
    const low11 = numbers[row11] ?? Number.NaN;
    const place11 = ((numbers[begin + 4] ?? 0) | 0) - stochastic1;
    let top11 = high11;
    let bottom11 = low11;
    if (place11 > 0) {
      const one15 = numbers[begin + 5] ?? 0;
      pair[0] = one15;
      pair[1] = high11;
      const result15 = pair[Number(high11 > one15)] ?? Number.NaN;
      top11 = result15;
      const one16 = numbers[begin + 6] ?? 0;
      pair[0] = one16;
      pair[1] = low11;
      const result16 = pair[Number(low11 < one16)] ?? Number.NaN;
      bottom11 = result16;
      numbers[begin + 5 + 2 * place11] = high11;
      numbers[begin + 5 + 2 * place11 + 1] = low11;
    } else {
      for (let slot12 = begin + 5 + 2 * (stochastic1 - 2); slot12 > begin + 5; slot12 -= 2) {
        const one13 = numbers[slot12 + 2] ?? 0;
        const other13 = numbers[slot12] ?? 0;
        pair[0] = one13;
        pair[1] = other13;
        const result13 = pair[Number(other13 > one13)] ?? Number.NaN;
        numbers[slot12] = result13;
        const one14 = numbers[slot12 + 3] ?? 0;
        const other14 = numbers[slot12 + 1] ?? 0;
        pair[0] = one14;
        pair[1] = other14;
        const result14 = pair[Number(other14 < one14)] ?? Number.NaN;
        numbers[slot12 + 1] = result14;
      }
    }
    numbers[begin + 5] = top11;
    numbers[begin + 6] = bottom11;
    if (place11 + 1 === stochastic1) {
      numbers[begin + 4] = stochastic1;
      numbers[outAt11] = top11;
      numbers[outAt11 + 1] = bottom11;
    } else {
      numbers[begin + 4] = stochastic1 + place11 + 1;
      const other17 = numbers[begin + 5 + 2 * place11 + 2] ?? 0;
      pair[0] = top11;
      pair[1] = other17;
      const result17 = pair[Number(other17 > top11)] ?? Number.NaN;
      numbers[outAt11] = result17;
      const other18 = numbers[begin + 5 + 2 * place11 + 3] ?? 0;
      pair[0] = bottom11;
      pair[1] = other18;
      const result18 = pair[Number(other18 < bottom11)] ?? Number.NaN;
      numbers[outAt11 + 1] = result18;
    }
    const strength1 = numbers[output1 + 3] ?? Number.NaN;
    const highest19 = numbers[output1 + 1] ?? Number.NaN;
    const lowest19 = numbers[output1 + 2] ?? Number.NaN;
    const result19 = highest19 - lowest19 === 0 ? 50 : (100 * (strength1 - lowest19)) / (highest19 - lowest19);
    numbers[output1] = result19;
    const outAt20 = output1 + 1;
    const value20 = numbers[output1] ?? Number.NaN;
    const third20 = k1 > 1 ? (numbers[kAt1 + 1] ?? 0) : 0;
    const second20 = k1 > 2 ? (numbers[kAt1 + 2] ?? 0) : 0;
    const first20 = k1 > 3 ? (numbers[kAt1 + 3] ?? 0) : 0;
    if (k1 > 3) {
      numbers[kAt1 + 3] = second20;
    }
    if (k1 > 2) {
      numbers[kAt1 + 2] = third20;
    }
    if (k1 > 1) {
      numbers[kAt1 + 1] = value20;
    }
    numbers[outAt20] = (first20 + second20 + third20 + value20) / k1;
    const row21 = output1 + 1;
    const outAt21 = output1 + 2;
    const value21 = numbers[row21] ?? Number.NaN;
    const third21 = d1 > 1 ? (numbers[dAt1 + 1] ?? 0) : 0;
    const second21 = d1 > 2 ? (numbers[dAt1 + 2] ?? 0) : 0;
    const first21 = d1 > 3 ? (numbers[dAt1 + 3] ?? 0) : 0;
    if (d1 > 3) {
      numbers[dAt1 + 3] = second21;
    }
    if (d1 > 2) {
      numbers[dAt1 + 2] = third21;
    }
    if (d1 > 1) {
      numbers[dAt1 + 1] = value21;
    }
    numbers[outAt21] = (first21 + second21 + third21 + value21) / d1;
    // bollinger(20,2)
    const period22 = 20;
    const deviations22 = 2;
    const come24 = (numbers[begin + 43] ?? 0) | 0;
    const turn24 = come24 >> 20;
    const place24 = come24 & 1048575;
    const isRound24 = place24 + 1 === period22;
    if (turn24 === 0 || (isRound24 && turn24 === 32)) return 1;
    const value24 = close;
    const leaving24 = numbers[begin + 48 + place24] ?? 0;
    const share24 = 1 / period22;
    const anchor24 = numbers[begin + 44] ?? 0;
    const taken24 = numbers[begin + 47] ?? 0;
    const distance24 = value24 - anchor24;
    const before24 = leaving24 - anchor24;
    const change24 = distance24 - before24;
    const sum24 = (numbers[begin + 45] ?? 0) + change24;
    const square24 = (numbers[begin + 46] ?? 0) + change24 * (distance24 + before24);
    const offset24 = sum24 * share24;
    const meanSquare24 = square24 * share24;
    const variance24 = meanSquare24 - offset24 * offset24;
    const isSound24 =
      variance24 >= taken24 * 0.00390625 &&
      variance24 >= meanSquare24 * 0.000003814697265625 &&
      before24 * before24 <= taken24 * 1024;
    if (!isSound24) return 1;
    numbers[begin + 48 + place24] = value24;
    numbers[begin + 43] = isRound24 ? (turn24 + 1) << 20 : come24 + 1;
    numbers[begin + 45] = sum24;
    numbers[begin + 46] = square24;
    const stored69At1 = anchor24 + offset24;
    numbers[begin + 69] = stored69At1;
    const result25 = Math.sqrt(0.5 * (Math.abs(variance24) + variance24));
    numbers[begin + 68] = result25;
    const mean22 = stored69At1;
    const distance22 = deviations22 * result25;
    numbers[begin + 68] = mean22 + distance22;
    numbers[begin + 70] = mean22 - distance22;
    // sma(20)
    const period26 = 20;
    const come28 = (numbers[begin + 71] ?? 0) | 0;
    const turn28 = come28 >> 20;
    const place28 = come28 & 1048575;
    const isRound28 = place28 + 1 === period26;
    if (turn28 === 0 || (isRound28 && turn28 === 32)) return 2;
    const value28 = close;
    const leaving28 = numbers[begin + 74 + place28] ?? 0;
    const sum28 = (numbers[begin + 72] ?? 0) + (value28 - leaving28);
    const ceiling28 = numbers[begin + 73] ?? 0;
    const result30 = ceiling28 * period26 * (0.0009765625 / 256);
    const floor28 = result30;
    const size28 = Math.abs(sum28);
    const isSound28 = Math.abs(leaving28) <= ceiling28 && size28 >= floor28 && size28 <= Number.MAX_VALUE;
    if (!isSound28) return 2;
    numbers[begin + 74 + place28] = value28;
    numbers[begin + 71] = isRound28 ? (turn28 + 1) << 20 : come28 + 1;
    numbers[begin + 72] = sum28;
    numbers[begin + 94] = sum28 * (1 / period26);
    // adx(14)
    const period31 = 14;
    const high31 = high;
    const low31 = low;
    const close31 = close;
    const all31 = high31 + low31 + close31;
    if ((numbers[begin + 95] ?? 0) < 2 * period31 || all31 - all31 !== 0) return 3;
    const weight31 = 1 / period31;
    const up31 = high31 - (numbers[begin + 96] ?? 0);
    const down31 = (numbers[begin + 97] ?? 0) - low31;
    const move33 = 0.5 * (Math.abs(up31) + up31);
    const result33 = move33 * Number(up31 > down31);
    const plus31 = (numbers[begin + 99] ?? 0) * (1 - weight31) + result33;
    const move35 = 0.5 * (Math.abs(down31) + down31);
    const result35 = move35 * Number(down31 > up31);
    const minus31 = (numbers[begin + 100] ?? 0) * (1 - weight31) + result35;
    const previousClose37 = numbers[begin + 98] ?? 0;
    const above37 = previousClose37 - high31;
    const below37 = low31 - previousClose37;
    const result37 = high31 - low31 + 0.5 * (Math.abs(above37) + above37 + (Math.abs(below37) + below37));
    const range31 = (numbers[begin + 101] ?? 0) * (1 - weight31) + result37;
    const before31 = numbers[begin + 102] ?? 0;
    const moved39 = plus31 + minus31;
    const result39 = moved39 === 0 ? 0 : (100 * Math.abs(plus31 - minus31)) / moved39;
    const strength31 = before31 + (result39 - before31) * weight31;
    const scale31 = range31 === 0 ? 0 : 100 / range31;
    numbers[begin + 96] = high31;
    numbers[begin + 97] = low31;
    numbers[begin + 98] = close31;
    numbers[begin + 99] = plus31;
    numbers[begin + 100] = minus31;
    numbers[begin + 101] = range31;
    numbers[begin + 102] = strength31;
    numbers[begin + 103] = strength31;
    numbers[begin + 104] = plus31 * scale31;
    numbers[begin + 105] = minus31 * scale31;
    // macd(12,26,9)
    const fastPeriod40 = 12;
    const slowPeriod40 = 26;
    const signalPeriod40 = 9;
    const value40 = close;
    if (numbers[begin + 106] !== slowPeriod40 + signalPeriod40 - 1 || value40 - value40 !== 0) return 4;
    const fastBefore40 = numbers[begin + 107] ?? 0;
    const slowBefore40 = numbers[begin + 108] ?? 0;
    const signalBefore40 = numbers[begin + 109] ?? 0;
    const fast40 = fastBefore40 + (value40 - fastBefore40) * (2 / (fastPeriod40 + 1));
    const slow40 = slowBefore40 + (value40 - slowBefore40) * (2 / (slowPeriod40 + 1));
    const line40 = fast40 - slow40;
    const signal40 = signalBefore40 + (line40 - signalBefore40) * (2 / (signalPeriod40 + 1));
    numbers[begin + 107] = fast40;
    numbers[begin + 108] = slow40;
    numbers[begin + 109] = signal40;
    numbers[begin + 110] = line40;
    numbers[begin + 111] = signal40;
    numbers[begin + 112] = line40 - signal40;
    // atr(14)
    const period41 = 14;
    const high41 = high;
    const low41 = low;
    const close41 = close;
    const all41 = high41 + low41 + close41;
    if ((numbers[begin + 113] ?? 0) <= period41 || all41 - all41 !== 0) return 5;
    const average41 = numbers[begin + 115] ?? 0;
    const previousClose43 = numbers[begin + 114] ?? 0;
    const above43 = previousClose43 - high41;
    const below43 = low41 - previousClose43;
    const result43 = high41 - low41 + 0.5 * (Math.abs(above43) + above43 + (Math.abs(below43) + below43));
    const next41 = average41 + (result43 - average41) * (1 / period41);
    numbers[begin + 114] = close41;
    numbers[begin + 115] = next41;
    numbers[begin + 116] = next41;
    // obv
    const close44 = close;
    const volume44 = volume;
    const both44 = close44 + volume44;
    if (numbers[begin + 117] !== 1 || both44 - both44 !== 0) return 6;
    const previous46 = numbers[begin + 118] ?? 0;
    const result46 = volume44 * (Number(close44 > previous46) - Number(close44 < previous46));
    const balance44 = (numbers[begin + 119] ?? 0) + result46;
    numbers[begin + 118] = close44;
    numbers[begin + 119] = balance44;
    numbers[begin + 120] = balance44;
    // ema(20)
    const period47 = 20;
    const average47 = numbers[begin + 122] ?? 0;
    const change47 = close - average47;
    if (numbers[begin + 121] !== period47 || change47 - change47 !== 0) return 7;
    const next47 = average47 + change47 * (2 / (period47 + 1));
    numbers[begin + 122] = next47;
    numbers[begin + 123] = next47;
    return 8;
  },
  read: (numbers, from, into) => {
    const begin = from & 0x3fffffff;
    into[0] = numbers[begin + 94] as number;
    into[1] = numbers[begin + 123] as number;
    into[2] = numbers[begin + 42] as number;
    into[3] = numbers[begin + 110] as number;
    into[4] = numbers[begin + 111] as number;
    into[5] = numbers[begin + 112] as number;
    into[6] = numbers[begin + 68] as number;
    into[7] = numbers[begin + 69] as number;
    into[8] = numbers[begin + 70] as number;
    into[9] = numbers[begin + 116] as number;
    into[10] = numbers[begin + 39] as number;
    into[11] = numbers[begin + 40] as number;
    into[12] = numbers[begin + 41] as number;
    into[13] = numbers[begin + 103] as number;
    into[14] = numbers[begin + 104] as number;
    into[15] = numbers[begin + 105] as number;
    into[16] = numbers[begin + 120] as number;
  },
};
