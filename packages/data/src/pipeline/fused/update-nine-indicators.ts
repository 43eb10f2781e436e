// Generated from the indicators by generator/write-updates.ts and held to them by fused-updates.test.ts: do not edit.
import { pair } from '../../indicators/rolling-extremes.ts';
import type { FusedUpdate } from '../fused-update.ts';
import { presentBar } from '../present-bar.ts';

const { high, low, close, volume } = presentBar;

/** stochRsi(14,14,3,3), bollinger(20,2), sma(20), adx(14), macd(12,26,9), atr(14), obv, ema(20). */
export const updateNineIndicators: FusedUpdate = {
  names: ['stochRsi(14,14,3,3)', 'bollinger(20,2)', 'sma(20)', 'adx(14)', 'macd(12,26,9)', 'atr(14)', 'obv', 'ema(20)'],
  update: (numbers, begin, others) => {
    // stochRsi(14,14,3,3)
    const rsi1 = 14;
    const stochastic1 = 14;
    const k1 = 3;
    const d1 = 3;
    const extremesAt1 = begin + 4;
    const result2 = 3 + 2 * (stochastic1 - 1);
    const kAt1 = extremesAt1 + result2;
    const result3 = k1 <= 4 ? k1 : k1 + 1;
    const dAt1 = kAt1 + result3;
    const result4 = d1 <= 4 ? d1 : d1 + 1;
    const output1 = dAt1 + result4;
    const isFull1 = (numbers[extremesAt1] ?? 0) >= stochastic1 && numbers[kAt1] === k1 - 1 && numbers[dAt1] === d1 - 1;
    if (!isFull1 || k1 > 4 || d1 > 4) {
      others[0]?.(numbers, begin);
    } else {
      const outAt5 = output1 + 3;
      const value5 = close[0] ?? Number.NaN;
      const change5 = value5 - (numbers[begin + 1] ?? 0);
      const weight5 = 1 / rsi1;
      const keep5 = 1 - weight5;
      const half5 = 0.5 * weight5;
      const gain5 = (numbers[begin + 2] ?? 0) * keep5 + (Math.abs(change5) + change5) * half5;
      const loss5 = (numbers[begin + 3] ?? 0) * keep5 + (Math.abs(change5) - change5) * half5;
      const total6 = gain5 + loss5;
      const result6 = total6 === 0 ? 50 : (100 * gain5) / total6;
      const index5 = result6;
      if ((numbers[begin] ?? 0) <= rsi1 || index5 - index5 !== 0) {
        others[0]?.(numbers, begin);
      } else {
        numbers[begin + 1] = value5;
        numbers[begin + 2] = gain5;
        numbers[begin + 3] = loss5;
        numbers[outAt5] = index5;
        const row7 = output1 + 3;
        const outAt7 = output1 + 1;
        const high7 = numbers[row7] ?? Number.NaN;
        const low7 = numbers[row7] ?? Number.NaN;
        const place7 = ((numbers[extremesAt1] ?? 0) | 0) - stochastic1;
        const slots7 = extremesAt1 + 1;
        let top7 = high7;
        let bottom7 = low7;
        if (place7 > 0) {
          const one11 = numbers[slots7] ?? 0;
          pair[0] = one11;
          pair[1] = high7;
          const result11 = pair[Number(high7 > one11)] ?? Number.NaN;
          top7 = result11;
          const one12 = numbers[slots7 + 1] ?? 0;
          pair[0] = one12;
          pair[1] = low7;
          const result12 = pair[Number(low7 < one12)] ?? Number.NaN;
          bottom7 = result12;
          numbers[slots7 + 2 * place7] = high7;
          numbers[slots7 + 2 * place7 + 1] = low7;
        } else {
          for (let slot8 = slots7 + 2 * (stochastic1 - 2); slot8 > slots7; slot8 -= 2) {
            const one9 = numbers[slot8 + 2] ?? 0;
            const other9 = numbers[slot8] ?? 0;
            pair[0] = one9;
            pair[1] = other9;
            const result9 = pair[Number(other9 > one9)] ?? Number.NaN;
            numbers[slot8] = result9;
            const one10 = numbers[slot8 + 3] ?? 0;
            const other10 = numbers[slot8 + 1] ?? 0;
            pair[0] = one10;
            pair[1] = other10;
            const result10 = pair[Number(other10 < one10)] ?? Number.NaN;
            numbers[slot8 + 1] = result10;
          }
        }
        numbers[slots7] = top7;
        numbers[slots7 + 1] = bottom7;
        if (place7 + 1 === stochastic1) {
          numbers[extremesAt1] = stochastic1;
          numbers[outAt7] = top7;
          numbers[outAt7 + 1] = bottom7;
        } else {
          numbers[extremesAt1] = stochastic1 + place7 + 1;
          const other13 = numbers[slots7 + 2 * place7 + 2] ?? 0;
          pair[0] = top7;
          pair[1] = other13;
          const result13 = pair[Number(other13 > top7)] ?? Number.NaN;
          numbers[outAt7] = result13;
          const other14 = numbers[slots7 + 2 * place7 + 3] ?? 0;
          pair[0] = bottom7;
          pair[1] = other14;
          const result14 = pair[Number(other14 < bottom7)] ?? Number.NaN;
          numbers[outAt7 + 1] = result14;
        }

        const strength1 = numbers[output1 + 3] ?? Number.NaN;
        const highest15 = numbers[output1 + 1] ?? Number.NaN;
        const lowest15 = numbers[output1 + 2] ?? Number.NaN;
        const result15 = highest15 - lowest15 === 0 ? 50 : (100 * (strength1 - lowest15)) / (highest15 - lowest15);
        numbers[output1] = result15;
        const outAt16 = output1 + 1;
        const value16 = numbers[output1] ?? Number.NaN;
        const third16 = k1 > 1 ? (numbers[kAt1 + 1] ?? 0) : 0;
        const second16 = k1 > 2 ? (numbers[kAt1 + 2] ?? 0) : 0;
        const first16 = k1 > 3 ? (numbers[kAt1 + 3] ?? 0) : 0;
        if (k1 > 3) {
          numbers[kAt1 + 3] = second16;
        }
        if (k1 > 2) {
          numbers[kAt1 + 2] = third16;
        }
        if (k1 > 1) {
          numbers[kAt1 + 1] = value16;
        }
        numbers[outAt16] = (first16 + second16 + third16 + value16) / k1;

        const row17 = output1 + 1;
        const outAt17 = output1 + 2;
        const value17 = numbers[row17] ?? Number.NaN;
        const third17 = d1 > 1 ? (numbers[dAt1 + 1] ?? 0) : 0;
        const second17 = d1 > 2 ? (numbers[dAt1 + 2] ?? 0) : 0;
        const first17 = d1 > 3 ? (numbers[dAt1 + 3] ?? 0) : 0;
        if (d1 > 3) {
          numbers[dAt1 + 3] = second17;
        }
        if (d1 > 2) {
          numbers[dAt1 + 2] = third17;
        }
        if (d1 > 1) {
          numbers[dAt1 + 1] = value17;
        }
        numbers[outAt17] = (first17 + second17 + third17 + value17) / d1;
      }
    }
    // bollinger(20,2)
    const at18 = begin + 43;
    const period18 = 20;
    const deviations18 = 2;
    const result19 = 5 + period18;
    const upper18 = at18 + result19;
    const row20 = 0;
    const meanAt20 = upper18 + 1;
    const come20 = (numbers[at18] ?? 0) | 0;
    const turn20 = come20 >> 20;
    const place20 = come20 & 1048575;
    const isRound20 = place20 + 1 === period18;
    if (turn20 === 0 || (isRound20 && turn20 === 32)) {
      others[1]?.(numbers, begin + 43);
    } else {
      const value20 = close[row20] ?? Number.NaN;
      const leaving20 = numbers[at18 + 5 + place20] ?? 0;
      const share20 = 1 / period18;
      const anchor20 = numbers[at18 + 1] ?? 0;
      const taken20 = numbers[at18 + 4] ?? 0;
      const distance20 = value20 - anchor20;
      const before20 = leaving20 - anchor20;
      const change20 = distance20 - before20;
      const sum20 = (numbers[at18 + 2] ?? 0) + change20;
      const square20 = (numbers[at18 + 3] ?? 0) + change20 * (distance20 + before20);
      const offset20 = sum20 * share20;
      const meanSquare20 = square20 * share20;
      const variance20 = meanSquare20 - offset20 * offset20;
      const isSound20 =
        variance20 >= taken20 * 0.00390625 &&
        variance20 >= meanSquare20 * 0.000003814697265625 &&
        before20 * before20 <= taken20 * 1024;
      if (!isSound20) {
        others[1]?.(numbers, begin + 43);
      } else {
        numbers[at18 + 5 + place20] = value20;
        numbers[at18] = isRound20 ? (turn20 + 1) << 20 : come20 + 1;
        numbers[at18 + 2] = sum20;
        numbers[at18 + 3] = square20;
        numbers[meanAt20] = anchor20 + offset20;
        const result21 = Math.sqrt(0.5 * (Math.abs(variance20) + variance20));
        numbers[upper18] = result21;
        const mean18 = numbers[upper18 + 1] ?? Number.NaN;
        const distance18 = deviations18 * (numbers[upper18] ?? Number.NaN);
        numbers[upper18] = mean18 + distance18;
        numbers[upper18 + 2] = mean18 - distance18;
      }
    }
    // sma(20)
    const at22 = begin + 71;
    const period22 = 20;
    const result23 = 3 + period22;
    const row24 = 0;
    const outAt24 = at22 + result23;
    const come24 = (numbers[at22] ?? 0) | 0;
    const turn24 = come24 >> 20;
    const place24 = come24 & 1048575;
    const isRound24 = place24 + 1 === period22;
    if (turn24 === 0 || (isRound24 && turn24 === 32)) {
      others[2]?.(numbers, begin + 71);
    } else {
      const value24 = close[row24] ?? Number.NaN;
      const leaving24 = numbers[at22 + 3 + place24] ?? 0;
      const sum24 = (numbers[at22 + 1] ?? 0) + (value24 - leaving24);
      const ceiling24 = numbers[at22 + 2] ?? 0;
      const result25 = ceiling24 * period22 * (0.0009765625 / 256);
      const floor24 = result25;
      const size24 = Math.abs(sum24);
      const isSound24 = Math.abs(leaving24) <= ceiling24 && size24 >= floor24 && size24 <= Number.MAX_VALUE;
      if (!isSound24) {
        others[2]?.(numbers, begin + 71);
      } else {
        numbers[at22 + 3 + place24] = value24;
        numbers[at22] = isRound24 ? (turn24 + 1) << 20 : come24 + 1;
        numbers[at22 + 1] = sum24;
        numbers[outAt24] = sum24 * (1 / period22);
      }
    }
    // adx(14)
    const at26 = begin + 95;
    const period26 = 14;
    const high26 = high[0] ?? Number.NaN;
    const low26 = low[0] ?? Number.NaN;
    const close26 = close[0] ?? Number.NaN;
    const all26 = high26 + low26 + close26;
    if ((numbers[at26] ?? 0) < 2 * period26 || all26 - all26 !== 0) {
      others[3]?.(numbers, begin + 95);
    } else {
      const weight26 = 1 / period26;
      const up26 = high26 - (numbers[at26 + 1] ?? 0);
      const down26 = (numbers[at26 + 2] ?? 0) - low26;
      const move27 = 0.5 * (Math.abs(up26) + up26);
      const result27 = move27 * Number(up26 > down26);
      const plus26 = (numbers[at26 + 4] ?? 0) * (1 - weight26) + result27;
      const move28 = 0.5 * (Math.abs(down26) + down26);
      const result28 = move28 * Number(down26 > up26);
      const minus26 = (numbers[at26 + 5] ?? 0) * (1 - weight26) + result28;
      const previousClose29 = numbers[at26 + 3] ?? 0;
      const above29 = previousClose29 - high26;
      const below29 = low26 - previousClose29;
      const result29 = high26 - low26 + 0.5 * (Math.abs(above29) + above29 + (Math.abs(below29) + below29));
      const range26 = (numbers[at26 + 6] ?? 0) * (1 - weight26) + result29;
      const before26 = numbers[at26 + 7] ?? 0;
      const moved30 = plus26 + minus26;
      const result30 = moved30 === 0 ? 0 : (100 * Math.abs(plus26 - minus26)) / moved30;
      const strength26 = before26 + (result30 - before26) * weight26;
      const scale26 = range26 === 0 ? 0 : 100 / range26;
      numbers[at26 + 1] = high26;
      numbers[at26 + 2] = low26;
      numbers[at26 + 3] = close26;
      numbers[at26 + 4] = plus26;
      numbers[at26 + 5] = minus26;
      numbers[at26 + 6] = range26;
      numbers[at26 + 7] = strength26;
      numbers[at26 + 8] = strength26;
      numbers[at26 + 8 + 1] = plus26 * scale26;
      numbers[at26 + 8 + 2] = minus26 * scale26;
    }
    // macd(12,26,9)
    const at31 = begin + 106;
    const fastPeriod31 = 12;
    const slowPeriod31 = 26;
    const signalPeriod31 = 9;
    const value31 = close[0] ?? Number.NaN;
    if (numbers[at31] !== slowPeriod31 + signalPeriod31 - 1 || value31 - value31 !== 0) {
      others[4]?.(numbers, begin + 106);
    } else {
      const fastBefore31 = numbers[at31 + 1] ?? 0;
      const slowBefore31 = numbers[at31 + 2] ?? 0;
      const signalBefore31 = numbers[at31 + 3] ?? 0;
      const fast31 = fastBefore31 + (value31 - fastBefore31) * (2 / (fastPeriod31 + 1));
      const slow31 = slowBefore31 + (value31 - slowBefore31) * (2 / (slowPeriod31 + 1));
      const line31 = fast31 - slow31;
      const signal31 = signalBefore31 + (line31 - signalBefore31) * (2 / (signalPeriod31 + 1));
      numbers[at31 + 1] = fast31;
      numbers[at31 + 2] = slow31;
      numbers[at31 + 3] = signal31;
      numbers[at31 + 4] = line31;
      numbers[at31 + 4 + 1] = signal31;
      numbers[at31 + 4 + 2] = line31 - signal31;
    }
    // atr(14)
    const at32 = begin + 113;
    const period32 = 14;
    const high32 = high[0] ?? Number.NaN;
    const low32 = low[0] ?? Number.NaN;
    const close32 = close[0] ?? Number.NaN;
    const all32 = high32 + low32 + close32;
    if ((numbers[at32] ?? 0) <= period32 || all32 - all32 !== 0) {
      others[5]?.(numbers, begin + 113);
    } else {
      const average32 = numbers[at32 + 2] ?? 0;
      const previousClose33 = numbers[at32 + 1] ?? 0;
      const above33 = previousClose33 - high32;
      const below33 = low32 - previousClose33;
      const result33 = high32 - low32 + 0.5 * (Math.abs(above33) + above33 + (Math.abs(below33) + below33));
      const next32 = average32 + (result33 - average32) * (1 / period32);
      numbers[at32 + 1] = close32;
      numbers[at32 + 2] = next32;
      numbers[at32 + 3] = next32;
    }
    // obv
    const at34 = begin + 117;
    const close34 = close[0] ?? Number.NaN;
    const volume34 = volume[0] ?? Number.NaN;
    const both34 = close34 + volume34;
    if (numbers[at34] !== 1 || both34 - both34 !== 0) {
      others[6]?.(numbers, begin + 117);
    } else {
      const previous35 = numbers[at34 + 1] ?? 0;
      const result35 = volume34 * (Number(close34 > previous35) - Number(close34 < previous35));
      const balance34 = (numbers[at34 + 2] ?? 0) + result35;
      numbers[at34 + 1] = close34;
      numbers[at34 + 2] = balance34;
      numbers[at34 + 3] = balance34;
    }
    // ema(20)
    const at36 = begin + 121;
    const period36 = 20;
    const average36 = numbers[at36 + 1] ?? 0;
    const change36 = (close[0] ?? Number.NaN) - average36;
    if (numbers[at36] !== period36 || change36 - change36 !== 0) {
      others[7]?.(numbers, begin + 121);
    } else {
      const next36 = average36 + change36 * (2 / (period36 + 1));
      numbers[at36 + 1] = next36;
      numbers[at36 + 2] = next36;
    }
  },
};
