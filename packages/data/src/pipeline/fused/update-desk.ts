// Generated from the indicators by generator/write-updates.ts and held to them by fused-updates.test.ts: do not edit.
import { pair } from '../../indicators/rolling-extremes.ts';
import type { FusedUpdate } from '../fused-update.ts';

/** donchian(20), stochRsi(14,14,3,3), bollinger(20,2), sma(20,volume), roc(10), adx(14), macd(12,26,9), vwap(session), atr(14), obv, ema(20), ema(50), ema(200). */
export const updateDesk: FusedUpdate = {
  names: [
    'donchian(20)',
    'stochRsi(14,14,3,3)',
    'bollinger(20,2)',
    'sma(20,volume)',
    'roc(10)',
    'adx(14)',
    'macd(12,26,9)',
    'vwap(session)',
    'atr(14)',
    'obv',
    'ema(20)',
    'ema(50)',
    'ema(200)',
  ],
  values: [
    'ema(20)',
    'ema(50)',
    'ema(200)',
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
    'donchian(20).upper',
    'donchian(20).middle',
    'donchian(20).lower',
    'roc(10)',
    'obv',
    'vwap(session)',
    'sma(20,volume)',
  ],
  update: (numbers, from, { close, high, low, openAtMs, volume }) => {
    const begin = from & 0x3fffffff;
    // donchian(20)
    const period1 = 20;
    const result3 = 3 + 2 * (period1 - 1);
    const output1 = begin + result3;
    const sum4 = high + low;
    if ((numbers[begin] ?? 0) < period1 || sum4 - sum4 !== 0) return 0;
    const high5 = high;
    const low5 = low;
    const place5 = ((numbers[begin] ?? 0) | 0) - period1;
    let top5 = high5;
    let bottom5 = low5;
    if (place5 > 0) {
      const one9 = numbers[begin + 1] ?? 0;
      pair[0] = one9;
      pair[1] = high5;
      const result9 = pair[Number(high5 > one9)] ?? Number.NaN;
      top5 = result9;
      const one10 = numbers[begin + 2] ?? 0;
      pair[0] = one10;
      pair[1] = low5;
      const result10 = pair[Number(low5 < one10)] ?? Number.NaN;
      bottom5 = result10;
      numbers[begin + 1 + 2 * place5] = high5;
      numbers[begin + 1 + 2 * place5 + 1] = low5;
    } else {
      for (let slot6 = begin + 1 + 2 * (period1 - 2); slot6 > begin + 1; slot6 -= 2) {
        const one7 = numbers[slot6 + 2] ?? 0;
        const other7 = numbers[slot6] ?? 0;
        pair[0] = one7;
        pair[1] = other7;
        const result7 = pair[Number(other7 > one7)] ?? Number.NaN;
        numbers[slot6] = result7;
        const one8 = numbers[slot6 + 3] ?? 0;
        const other8 = numbers[slot6 + 1] ?? 0;
        pair[0] = one8;
        pair[1] = other8;
        const result8 = pair[Number(other8 < one8)] ?? Number.NaN;
        numbers[slot6 + 1] = result8;
      }
    }
    numbers[begin + 1] = top5;
    numbers[begin + 2] = bottom5;
    if (place5 + 1 === period1) {
      numbers[begin] = period1;
      numbers[output1] = top5;
      numbers[output1 + 1] = bottom5;
    } else {
      numbers[begin] = period1 + place5 + 1;
      const other11 = numbers[begin + 1 + 2 * place5 + 2] ?? 0;
      pair[0] = top5;
      pair[1] = other11;
      const result11 = pair[Number(other11 > top5)] ?? Number.NaN;
      numbers[output1] = result11;
      const other12 = numbers[begin + 1 + 2 * place5 + 3] ?? 0;
      pair[0] = bottom5;
      pair[1] = other12;
      const result12 = pair[Number(other12 < bottom5)] ?? Number.NaN;
      numbers[output1 + 1] = result12;
    }
    const lower1 = numbers[output1 + 1] ?? Number.NaN;
    numbers[output1 + 1] = ((numbers[output1] ?? Number.NaN) + lower1) / 2;
    numbers[output1 + 2] = lower1;
    // stochRsi(14,14,3,3)
    const rsi13 = 14;
    const stochastic13 = 14;
    const k13 = 3;
    const d13 = 3;
    const result15 = 3 + 2 * (stochastic13 - 1);
    const kAt13 = begin + 48 + result15;
    const result17 = k13 <= 4 ? k13 : k13 + 1;
    const dAt13 = kAt13 + result17;
    const result19 = d13 <= 4 ? d13 : d13 + 1;
    const output13 = dAt13 + result19;
    const isFull13 =
      (numbers[begin + 48] ?? 0) >= stochastic13 && numbers[kAt13] === k13 - 1 && numbers[dAt13] === d13 - 1;
    if (!isFull13 || k13 > 4 || d13 > 4) return 1;
    const outAt20 = output13 + 3;
    const value20 = close;
    const change20 = value20 - (numbers[begin + 45] ?? 0);
    const weight20 = 1 / rsi13;
    const keep20 = 1 - weight20;
    const half20 = 0.5 * weight20;
    const gain20 = (numbers[begin + 46] ?? 0) * keep20 + (Math.abs(change20) + change20) * half20;
    const loss20 = (numbers[begin + 47] ?? 0) * keep20 + (Math.abs(change20) - change20) * half20;
    const total22 = gain20 + loss20;
    const result22 = total22 === 0 ? 50 : (100 * gain20) / total22;
    const index20 = result22;
    if ((numbers[begin + 44] ?? 0) <= rsi13 || index20 - index20 !== 0) return 1;
    numbers[begin + 45] = value20;
    numbers[begin + 46] = gain20;
    numbers[begin + 47] = loss20;
    numbers[outAt20] = index20;
    const row23 = output13 + 3;
    const outAt23 = output13 + 1;
    const high23 = numbers[row23] ?? Number.NaN;
    const low23 = numbers[row23] ?? Number.NaN;
    const place23 = ((numbers[begin + 48] ?? 0) | 0) - stochastic13;
    let top23 = high23;
    let bottom23 = low23;
    if (place23 > 0) {
      const one27 = numbers[begin + 49] ?? 0;
      pair[0] = one27;
      pair[1] = high23;
      const result27 = pair[Number(high23 > one27)] ?? Number.NaN;
      top23 = result27;
      const one28 = numbers[begin + 50] ?? 0;
      pair[0] = one28;
      pair[1] = low23;
      const result28 = pair[Number(low23 < one28)] ?? Number.NaN;
      bottom23 = result28;
      numbers[begin + 49 + 2 * place23] = high23;
      numbers[begin + 49 + 2 * place23 + 1] = low23;
    } else {
      for (let slot24 = begin + 49 + 2 * (stochastic13 - 2); slot24 > begin + 49; slot24 -= 2) {
        const one25 = numbers[slot24 + 2] ?? 0;
        const other25 = numbers[slot24] ?? 0;
        pair[0] = one25;
        pair[1] = other25;
        const result25 = pair[Number(other25 > one25)] ?? Number.NaN;
        numbers[slot24] = result25;
        const one26 = numbers[slot24 + 3] ?? 0;
        const other26 = numbers[slot24 + 1] ?? 0;
        pair[0] = one26;
        pair[1] = other26;
        const result26 = pair[Number(other26 < one26)] ?? Number.NaN;
        numbers[slot24 + 1] = result26;
      }
    }
    numbers[begin + 49] = top23;
    numbers[begin + 50] = bottom23;
    if (place23 + 1 === stochastic13) {
      numbers[begin + 48] = stochastic13;
      numbers[outAt23] = top23;
      numbers[outAt23 + 1] = bottom23;
    } else {
      numbers[begin + 48] = stochastic13 + place23 + 1;
      const other29 = numbers[begin + 49 + 2 * place23 + 2] ?? 0;
      pair[0] = top23;
      pair[1] = other29;
      const result29 = pair[Number(other29 > top23)] ?? Number.NaN;
      numbers[outAt23] = result29;
      const other30 = numbers[begin + 49 + 2 * place23 + 3] ?? 0;
      pair[0] = bottom23;
      pair[1] = other30;
      const result30 = pair[Number(other30 < bottom23)] ?? Number.NaN;
      numbers[outAt23 + 1] = result30;
    }
    const strength13 = numbers[output13 + 3] ?? Number.NaN;
    const highest31 = numbers[output13 + 1] ?? Number.NaN;
    const lowest31 = numbers[output13 + 2] ?? Number.NaN;
    const result31 = highest31 - lowest31 === 0 ? 50 : (100 * (strength13 - lowest31)) / (highest31 - lowest31);
    numbers[output13] = result31;
    const outAt32 = output13 + 1;
    const value32 = numbers[output13] ?? Number.NaN;
    const third32 = k13 > 1 ? (numbers[kAt13 + 1] ?? 0) : 0;
    const second32 = k13 > 2 ? (numbers[kAt13 + 2] ?? 0) : 0;
    const first32 = k13 > 3 ? (numbers[kAt13 + 3] ?? 0) : 0;
    if (k13 > 3) {
      numbers[kAt13 + 3] = second32;
    }
    if (k13 > 2) {
      numbers[kAt13 + 2] = third32;
    }
    if (k13 > 1) {
      numbers[kAt13 + 1] = value32;
    }
    numbers[outAt32] = (first32 + second32 + third32 + value32) / k13;
    const row33 = output13 + 1;
    const outAt33 = output13 + 2;
    const value33 = numbers[row33] ?? Number.NaN;
    const third33 = d13 > 1 ? (numbers[dAt13 + 1] ?? 0) : 0;
    const second33 = d13 > 2 ? (numbers[dAt13 + 2] ?? 0) : 0;
    const first33 = d13 > 3 ? (numbers[dAt13 + 3] ?? 0) : 0;
    if (d13 > 3) {
      numbers[dAt13 + 3] = second33;
    }
    if (d13 > 2) {
      numbers[dAt13 + 2] = third33;
    }
    if (d13 > 1) {
      numbers[dAt13 + 1] = value33;
    }
    numbers[outAt33] = (first33 + second33 + third33 + value33) / d13;
    // bollinger(20,2)
    const period34 = 20;
    const deviations34 = 2;
    const come36 = (numbers[begin + 87] ?? 0) | 0;
    const turn36 = come36 >> 20;
    const place36 = come36 & 1048575;
    const isRound36 = place36 + 1 === period34;
    if (turn36 === 0 || (isRound36 && turn36 === 32)) return 2;
    const value36 = close;
    const leaving36 = numbers[begin + 92 + place36] ?? 0;
    const share36 = 1 / period34;
    const anchor36 = numbers[begin + 88] ?? 0;
    const taken36 = numbers[begin + 91] ?? 0;
    const distance36 = value36 - anchor36;
    const before36 = leaving36 - anchor36;
    const change36 = distance36 - before36;
    const sum36 = (numbers[begin + 89] ?? 0) + change36;
    const square36 = (numbers[begin + 90] ?? 0) + change36 * (distance36 + before36);
    const offset36 = sum36 * share36;
    const meanSquare36 = square36 * share36;
    const variance36 = meanSquare36 - offset36 * offset36;
    const isSound36 =
      variance36 >= taken36 * 0.00390625 &&
      variance36 >= meanSquare36 * 0.000003814697265625 &&
      before36 * before36 <= taken36 * 1024;
    if (!isSound36) return 2;
    numbers[begin + 92 + place36] = value36;
    numbers[begin + 87] = isRound36 ? (turn36 + 1) << 20 : come36 + 1;
    numbers[begin + 89] = sum36;
    numbers[begin + 90] = square36;
    const stored113At1 = anchor36 + offset36;
    numbers[begin + 113] = stored113At1;
    const result37 = Math.sqrt(0.5 * (Math.abs(variance36) + variance36));
    numbers[begin + 112] = result37;
    const mean34 = stored113At1;
    const distance34 = deviations34 * result37;
    numbers[begin + 112] = mean34 + distance34;
    numbers[begin + 114] = mean34 - distance34;
    // sma(20,volume)
    const period38 = 20;
    const come40 = (numbers[begin + 115] ?? 0) | 0;
    const turn40 = come40 >> 20;
    const place40 = come40 & 1048575;
    const isRound40 = place40 + 1 === period38;
    if (turn40 === 0 || (isRound40 && turn40 === 32)) return 3;
    const value40 = volume;
    const leaving40 = numbers[begin + 118 + place40] ?? 0;
    const sum40 = (numbers[begin + 116] ?? 0) + (value40 - leaving40);
    const ceiling40 = numbers[begin + 117] ?? 0;
    const result42 = ceiling40 * period38 * (0.0009765625 / 256);
    const floor40 = result42;
    const size40 = Math.abs(sum40);
    const isSound40 = Math.abs(leaving40) <= ceiling40 && size40 >= floor40 && size40 <= Number.MAX_VALUE;
    if (!isSound40) return 3;
    numbers[begin + 118 + place40] = value40;
    numbers[begin + 115] = isRound40 ? (turn40 + 1) << 20 : come40 + 1;
    numbers[begin + 116] = sum40;
    numbers[begin + 138] = sum40 * (1 / period38);
    // roc(10)
    const period43 = 10;
    const value43 = close;
    const place43 = (numbers[begin + 139] ?? 0) | 0;
    const before43 = numbers[begin + 141 + place43] ?? 0;
    if (numbers[begin + 140] !== 1 || value43 - value43 !== 0 || before43 === 0) return 4;
    numbers[begin + 141 + place43] = value43;
    numbers[begin + 139] = place43 + 1 === period43 ? 0 : place43 + 1;
    numbers[begin + 151] = 100 * (value43 / before43 - 1);
    // adx(14)
    const period45 = 14;
    const high45 = high;
    const low45 = low;
    const close45 = close;
    const all45 = high45 + low45 + close45;
    if ((numbers[begin + 152] ?? 0) < 2 * period45 || all45 - all45 !== 0) return 5;
    const weight45 = 1 / period45;
    const up45 = high45 - (numbers[begin + 153] ?? 0);
    const down45 = (numbers[begin + 154] ?? 0) - low45;
    const move47 = 0.5 * (Math.abs(up45) + up45);
    const result47 = move47 * Number(up45 > down45);
    const plus45 = (numbers[begin + 156] ?? 0) * (1 - weight45) + result47;
    const move49 = 0.5 * (Math.abs(down45) + down45);
    const result49 = move49 * Number(down45 > up45);
    const minus45 = (numbers[begin + 157] ?? 0) * (1 - weight45) + result49;
    const previousClose51 = numbers[begin + 155] ?? 0;
    const above51 = previousClose51 - high45;
    const below51 = low45 - previousClose51;
    const result51 = high45 - low45 + 0.5 * (Math.abs(above51) + above51 + (Math.abs(below51) + below51));
    const range45 = (numbers[begin + 158] ?? 0) * (1 - weight45) + result51;
    const before45 = numbers[begin + 159] ?? 0;
    const moved53 = plus45 + minus45;
    const result53 = moved53 === 0 ? 0 : (100 * Math.abs(plus45 - minus45)) / moved53;
    const strength45 = before45 + (result53 - before45) * weight45;
    const scale45 = range45 === 0 ? 0 : 100 / range45;
    numbers[begin + 153] = high45;
    numbers[begin + 154] = low45;
    numbers[begin + 155] = close45;
    numbers[begin + 156] = plus45;
    numbers[begin + 157] = minus45;
    numbers[begin + 158] = range45;
    numbers[begin + 159] = strength45;
    numbers[begin + 160] = strength45;
    numbers[begin + 161] = plus45 * scale45;
    numbers[begin + 162] = minus45 * scale45;
    // macd(12,26,9)
    const fastPeriod54 = 12;
    const slowPeriod54 = 26;
    const signalPeriod54 = 9;
    const value54 = close;
    if (numbers[begin + 163] !== slowPeriod54 + signalPeriod54 - 1 || value54 - value54 !== 0) return 6;
    const fastBefore54 = numbers[begin + 164] ?? 0;
    const slowBefore54 = numbers[begin + 165] ?? 0;
    const signalBefore54 = numbers[begin + 166] ?? 0;
    const fast54 = fastBefore54 + (value54 - fastBefore54) * (2 / (fastPeriod54 + 1));
    const slow54 = slowBefore54 + (value54 - slowBefore54) * (2 / (slowPeriod54 + 1));
    const line54 = fast54 - slow54;
    const signal54 = signalBefore54 + (line54 - signalBefore54) * (2 / (signalPeriod54 + 1));
    numbers[begin + 164] = fast54;
    numbers[begin + 165] = slow54;
    numbers[begin + 166] = signal54;
    numbers[begin + 167] = line54;
    numbers[begin + 168] = signal54;
    numbers[begin + 169] = line54 - signal54;
    // vwap(session)
    const sessionMs55 = 86400000;
    const time55 = openAtMs;
    const beginsAtMs55 = numbers[begin + 171] ?? 0;
    const bought55 = volume;
    const price55 = (high + low + close) / 3;
    const turnover55 = (numbers[begin + 172] ?? 0) + price55 * bought55;
    const traded55 = (numbers[begin + 173] ?? 0) + bought55;
    const average55 = turnover55 / traded55;
    const isWithin55 = numbers[begin + 170] === 1 && time55 >= beginsAtMs55 && time55 < beginsAtMs55 + sessionMs55;
    if (!isWithin55 || average55 - average55 !== 0) return 7;
    numbers[begin + 172] = turnover55;
    numbers[begin + 173] = traded55;
    numbers[begin + 174] = average55;
    // atr(14)
    const period56 = 14;
    const high56 = high;
    const low56 = low;
    const close56 = close;
    const all56 = high56 + low56 + close56;
    if ((numbers[begin + 175] ?? 0) <= period56 || all56 - all56 !== 0) return 8;
    const average56 = numbers[begin + 177] ?? 0;
    const previousClose58 = numbers[begin + 176] ?? 0;
    const above58 = previousClose58 - high56;
    const below58 = low56 - previousClose58;
    const result58 = high56 - low56 + 0.5 * (Math.abs(above58) + above58 + (Math.abs(below58) + below58));
    const next56 = average56 + (result58 - average56) * (1 / period56);
    numbers[begin + 176] = close56;
    numbers[begin + 177] = next56;
    numbers[begin + 178] = next56;
    // obv
    const close59 = close;
    const volume59 = volume;
    const both59 = close59 + volume59;
    if (numbers[begin + 179] !== 1 || both59 - both59 !== 0) return 9;
    const previous61 = numbers[begin + 180] ?? 0;
    const result61 = volume59 * (Number(close59 > previous61) - Number(close59 < previous61));
    const balance59 = (numbers[begin + 181] ?? 0) + result61;
    numbers[begin + 180] = close59;
    numbers[begin + 181] = balance59;
    numbers[begin + 182] = balance59;
    // ema(20)
    const period62 = 20;
    const average62 = numbers[begin + 184] ?? 0;
    const change62 = close - average62;
    if (numbers[begin + 183] !== period62 || change62 - change62 !== 0) return 10;
    const next62 = average62 + change62 * (2 / (period62 + 1));
    numbers[begin + 184] = next62;
    numbers[begin + 185] = next62;
    // ema(50)
    const period63 = 50;
    const average63 = numbers[begin + 187] ?? 0;
    const change63 = close - average63;
    if (numbers[begin + 186] !== period63 || change63 - change63 !== 0) return 11;
    const next63 = average63 + change63 * (2 / (period63 + 1));
    numbers[begin + 187] = next63;
    numbers[begin + 188] = next63;
    // ema(200)
    const period64 = 200;
    const average64 = numbers[begin + 190] ?? 0;
    const change64 = close - average64;
    if (numbers[begin + 189] !== period64 || change64 - change64 !== 0) return 12;
    const next64 = average64 + change64 * (2 / (period64 + 1));
    numbers[begin + 190] = next64;
    numbers[begin + 191] = next64;
    return 13;
  },
  read: (numbers, from, into) => {
    const begin = from & 0x3fffffff;
    into[0] = numbers[begin + 185] as number;
    into[1] = numbers[begin + 188] as number;
    into[2] = numbers[begin + 191] as number;
    into[3] = numbers[begin + 86] as number;
    into[4] = numbers[begin + 167] as number;
    into[5] = numbers[begin + 168] as number;
    into[6] = numbers[begin + 169] as number;
    into[7] = numbers[begin + 112] as number;
    into[8] = numbers[begin + 113] as number;
    into[9] = numbers[begin + 114] as number;
    into[10] = numbers[begin + 178] as number;
    into[11] = numbers[begin + 83] as number;
    into[12] = numbers[begin + 84] as number;
    into[13] = numbers[begin + 85] as number;
    into[14] = numbers[begin + 160] as number;
    into[15] = numbers[begin + 161] as number;
    into[16] = numbers[begin + 162] as number;
    into[17] = numbers[begin + 41] as number;
    into[18] = numbers[begin + 42] as number;
    into[19] = numbers[begin + 43] as number;
    into[20] = numbers[begin + 151] as number;
    into[21] = numbers[begin + 182] as number;
    into[22] = numbers[begin + 174] as number;
    into[23] = numbers[begin + 138] as number;
  },
};
