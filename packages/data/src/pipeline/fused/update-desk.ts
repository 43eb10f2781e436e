// Generated from the indicators by generator/write-updates.ts and held to them by fused-updates.test.ts: do not edit.
import { pair } from '../../indicators/rolling-extremes.ts';
import type { FusedUpdate } from '../fused-update.ts';
import { presentBar } from '../present-bar.ts';

const { openAtMs, high, low, close, volume } = presentBar;

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
  update: (numbers, begin, others) => {
    // donchian(20)
    const period1 = 20;
    const result2 = 3 + 2 * (period1 - 1);
    const output1 = begin + result2;
    const row3 = 0;
    const sum3 = (high[row3] ?? Number.NaN) + (low[row3] ?? Number.NaN);
    if ((numbers[begin] ?? 0) < period1 || sum3 - sum3 !== 0) {
      others[0]?.(numbers, begin);
    } else {
      const high4 = high[row3] ?? Number.NaN;
      const low4 = low[row3] ?? Number.NaN;
      const place4 = ((numbers[begin] ?? 0) | 0) - period1;
      const slots4 = begin + 1;
      let top4 = high4;
      let bottom4 = low4;
      if (place4 > 0) {
        const one8 = numbers[slots4] ?? 0;
        pair[0] = one8;
        pair[1] = high4;
        const result8 = pair[Number(high4 > one8)] ?? Number.NaN;
        top4 = result8;
        const one9 = numbers[slots4 + 1] ?? 0;
        pair[0] = one9;
        pair[1] = low4;
        const result9 = pair[Number(low4 < one9)] ?? Number.NaN;
        bottom4 = result9;
        numbers[slots4 + 2 * place4] = high4;
        numbers[slots4 + 2 * place4 + 1] = low4;
      } else {
        for (let slot5 = slots4 + 2 * (period1 - 2); slot5 > slots4; slot5 -= 2) {
          const one6 = numbers[slot5 + 2] ?? 0;
          const other6 = numbers[slot5] ?? 0;
          pair[0] = one6;
          pair[1] = other6;
          const result6 = pair[Number(other6 > one6)] ?? Number.NaN;
          numbers[slot5] = result6;
          const one7 = numbers[slot5 + 3] ?? 0;
          const other7 = numbers[slot5 + 1] ?? 0;
          pair[0] = one7;
          pair[1] = other7;
          const result7 = pair[Number(other7 < one7)] ?? Number.NaN;
          numbers[slot5 + 1] = result7;
        }
      }
      numbers[slots4] = top4;
      numbers[slots4 + 1] = bottom4;
      if (place4 + 1 === period1) {
        numbers[begin] = period1;
        numbers[output1] = top4;
        numbers[output1 + 1] = bottom4;
      } else {
        numbers[begin] = period1 + place4 + 1;
        const other10 = numbers[slots4 + 2 * place4 + 2] ?? 0;
        pair[0] = top4;
        pair[1] = other10;
        const result10 = pair[Number(other10 > top4)] ?? Number.NaN;
        numbers[output1] = result10;
        const other11 = numbers[slots4 + 2 * place4 + 3] ?? 0;
        pair[0] = bottom4;
        pair[1] = other11;
        const result11 = pair[Number(other11 < bottom4)] ?? Number.NaN;
        numbers[output1 + 1] = result11;
      }

      const lower1 = numbers[output1 + 1] ?? Number.NaN;
      numbers[output1 + 1] = ((numbers[output1] ?? Number.NaN) + lower1) / 2;
      numbers[output1 + 2] = lower1;
    }
    // stochRsi(14,14,3,3)
    const at12 = begin + 44;
    const rsi12 = 14;
    const stochastic12 = 14;
    const k12 = 3;
    const d12 = 3;
    const extremesAt12 = at12 + 4;
    const result13 = 3 + 2 * (stochastic12 - 1);
    const kAt12 = extremesAt12 + result13;
    const result14 = k12 <= 4 ? k12 : k12 + 1;
    const dAt12 = kAt12 + result14;
    const result15 = d12 <= 4 ? d12 : d12 + 1;
    const output12 = dAt12 + result15;
    const isFull12 =
      (numbers[extremesAt12] ?? 0) >= stochastic12 && numbers[kAt12] === k12 - 1 && numbers[dAt12] === d12 - 1;
    if (!isFull12 || k12 > 4 || d12 > 4) {
      others[1]?.(numbers, begin + 44);
    } else {
      const outAt16 = output12 + 3;
      const value16 = close[0] ?? Number.NaN;
      const change16 = value16 - (numbers[at12 + 1] ?? 0);
      const weight16 = 1 / rsi12;
      const keep16 = 1 - weight16;
      const half16 = 0.5 * weight16;
      const gain16 = (numbers[at12 + 2] ?? 0) * keep16 + (Math.abs(change16) + change16) * half16;
      const loss16 = (numbers[at12 + 3] ?? 0) * keep16 + (Math.abs(change16) - change16) * half16;
      const total17 = gain16 + loss16;
      const result17 = total17 === 0 ? 50 : (100 * gain16) / total17;
      const index16 = result17;
      if ((numbers[at12] ?? 0) <= rsi12 || index16 - index16 !== 0) {
        others[1]?.(numbers, begin + 44);
      } else {
        numbers[at12 + 1] = value16;
        numbers[at12 + 2] = gain16;
        numbers[at12 + 3] = loss16;
        numbers[outAt16] = index16;
        const row18 = output12 + 3;
        const outAt18 = output12 + 1;
        const high18 = numbers[row18] ?? Number.NaN;
        const low18 = numbers[row18] ?? Number.NaN;
        const place18 = ((numbers[extremesAt12] ?? 0) | 0) - stochastic12;
        const slots18 = extremesAt12 + 1;
        let top18 = high18;
        let bottom18 = low18;
        if (place18 > 0) {
          const one22 = numbers[slots18] ?? 0;
          pair[0] = one22;
          pair[1] = high18;
          const result22 = pair[Number(high18 > one22)] ?? Number.NaN;
          top18 = result22;
          const one23 = numbers[slots18 + 1] ?? 0;
          pair[0] = one23;
          pair[1] = low18;
          const result23 = pair[Number(low18 < one23)] ?? Number.NaN;
          bottom18 = result23;
          numbers[slots18 + 2 * place18] = high18;
          numbers[slots18 + 2 * place18 + 1] = low18;
        } else {
          for (let slot19 = slots18 + 2 * (stochastic12 - 2); slot19 > slots18; slot19 -= 2) {
            const one20 = numbers[slot19 + 2] ?? 0;
            const other20 = numbers[slot19] ?? 0;
            pair[0] = one20;
            pair[1] = other20;
            const result20 = pair[Number(other20 > one20)] ?? Number.NaN;
            numbers[slot19] = result20;
            const one21 = numbers[slot19 + 3] ?? 0;
            const other21 = numbers[slot19 + 1] ?? 0;
            pair[0] = one21;
            pair[1] = other21;
            const result21 = pair[Number(other21 < one21)] ?? Number.NaN;
            numbers[slot19 + 1] = result21;
          }
        }
        numbers[slots18] = top18;
        numbers[slots18 + 1] = bottom18;
        if (place18 + 1 === stochastic12) {
          numbers[extremesAt12] = stochastic12;
          numbers[outAt18] = top18;
          numbers[outAt18 + 1] = bottom18;
        } else {
          numbers[extremesAt12] = stochastic12 + place18 + 1;
          const other24 = numbers[slots18 + 2 * place18 + 2] ?? 0;
          pair[0] = top18;
          pair[1] = other24;
          const result24 = pair[Number(other24 > top18)] ?? Number.NaN;
          numbers[outAt18] = result24;
          const other25 = numbers[slots18 + 2 * place18 + 3] ?? 0;
          pair[0] = bottom18;
          pair[1] = other25;
          const result25 = pair[Number(other25 < bottom18)] ?? Number.NaN;
          numbers[outAt18 + 1] = result25;
        }

        const strength12 = numbers[output12 + 3] ?? Number.NaN;
        const highest26 = numbers[output12 + 1] ?? Number.NaN;
        const lowest26 = numbers[output12 + 2] ?? Number.NaN;
        const result26 = highest26 - lowest26 === 0 ? 50 : (100 * (strength12 - lowest26)) / (highest26 - lowest26);
        numbers[output12] = result26;
        const outAt27 = output12 + 1;
        const value27 = numbers[output12] ?? Number.NaN;
        const third27 = k12 > 1 ? (numbers[kAt12 + 1] ?? 0) : 0;
        const second27 = k12 > 2 ? (numbers[kAt12 + 2] ?? 0) : 0;
        const first27 = k12 > 3 ? (numbers[kAt12 + 3] ?? 0) : 0;
        if (k12 > 3) {
          numbers[kAt12 + 3] = second27;
        }
        if (k12 > 2) {
          numbers[kAt12 + 2] = third27;
        }
        if (k12 > 1) {
          numbers[kAt12 + 1] = value27;
        }
        numbers[outAt27] = (first27 + second27 + third27 + value27) / k12;

        const row28 = output12 + 1;
        const outAt28 = output12 + 2;
        const value28 = numbers[row28] ?? Number.NaN;
        const third28 = d12 > 1 ? (numbers[dAt12 + 1] ?? 0) : 0;
        const second28 = d12 > 2 ? (numbers[dAt12 + 2] ?? 0) : 0;
        const first28 = d12 > 3 ? (numbers[dAt12 + 3] ?? 0) : 0;
        if (d12 > 3) {
          numbers[dAt12 + 3] = second28;
        }
        if (d12 > 2) {
          numbers[dAt12 + 2] = third28;
        }
        if (d12 > 1) {
          numbers[dAt12 + 1] = value28;
        }
        numbers[outAt28] = (first28 + second28 + third28 + value28) / d12;
      }
    }
    // bollinger(20,2)
    const at29 = begin + 87;
    const period29 = 20;
    const deviations29 = 2;
    const result30 = 5 + period29;
    const upper29 = at29 + result30;
    const row31 = 0;
    const meanAt31 = upper29 + 1;
    const come31 = (numbers[at29] ?? 0) | 0;
    const turn31 = come31 >> 20;
    const place31 = come31 & 1048575;
    const isRound31 = place31 + 1 === period29;
    if (turn31 === 0 || (isRound31 && turn31 === 32)) {
      others[2]?.(numbers, begin + 87);
    } else {
      const value31 = close[row31] ?? Number.NaN;
      const leaving31 = numbers[at29 + 5 + place31] ?? 0;
      const share31 = 1 / period29;
      const anchor31 = numbers[at29 + 1] ?? 0;
      const taken31 = numbers[at29 + 4] ?? 0;
      const distance31 = value31 - anchor31;
      const before31 = leaving31 - anchor31;
      const change31 = distance31 - before31;
      const sum31 = (numbers[at29 + 2] ?? 0) + change31;
      const square31 = (numbers[at29 + 3] ?? 0) + change31 * (distance31 + before31);
      const offset31 = sum31 * share31;
      const meanSquare31 = square31 * share31;
      const variance31 = meanSquare31 - offset31 * offset31;
      const isSound31 =
        variance31 >= taken31 * 0.00390625 &&
        variance31 >= meanSquare31 * 0.000003814697265625 &&
        before31 * before31 <= taken31 * 1024;
      if (!isSound31) {
        others[2]?.(numbers, begin + 87);
      } else {
        numbers[at29 + 5 + place31] = value31;
        numbers[at29] = isRound31 ? (turn31 + 1) << 20 : come31 + 1;
        numbers[at29 + 2] = sum31;
        numbers[at29 + 3] = square31;
        numbers[meanAt31] = anchor31 + offset31;
        const result32 = Math.sqrt(0.5 * (Math.abs(variance31) + variance31));
        numbers[upper29] = result32;
        const mean29 = numbers[upper29 + 1] ?? Number.NaN;
        const distance29 = deviations29 * (numbers[upper29] ?? Number.NaN);
        numbers[upper29] = mean29 + distance29;
        numbers[upper29 + 2] = mean29 - distance29;
      }
    }
    // sma(20,volume)
    const at33 = begin + 115;
    const period33 = 20;
    const result34 = 3 + period33;
    const row35 = 0;
    const outAt35 = at33 + result34;
    const come35 = (numbers[at33] ?? 0) | 0;
    const turn35 = come35 >> 20;
    const place35 = come35 & 1048575;
    const isRound35 = place35 + 1 === period33;
    if (turn35 === 0 || (isRound35 && turn35 === 32)) {
      others[3]?.(numbers, begin + 115);
    } else {
      const value35 = volume[row35] ?? Number.NaN;
      const leaving35 = numbers[at33 + 3 + place35] ?? 0;
      const sum35 = (numbers[at33 + 1] ?? 0) + (value35 - leaving35);
      const ceiling35 = numbers[at33 + 2] ?? 0;
      const result36 = ceiling35 * period33 * (0.0009765625 / 256);
      const floor35 = result36;
      const size35 = Math.abs(sum35);
      const isSound35 = Math.abs(leaving35) <= ceiling35 && size35 >= floor35 && size35 <= Number.MAX_VALUE;
      if (!isSound35) {
        others[3]?.(numbers, begin + 115);
      } else {
        numbers[at33 + 3 + place35] = value35;
        numbers[at33] = isRound35 ? (turn35 + 1) << 20 : come35 + 1;
        numbers[at33 + 1] = sum35;
        numbers[outAt35] = sum35 * (1 / period33);
      }
    }
    // roc(10)
    const at37 = begin + 139;
    const period37 = 10;
    const value37 = close[0] ?? Number.NaN;
    const place37 = (numbers[at37] ?? 0) | 0;
    const before37 = numbers[at37 + 2 + place37] ?? 0;
    if (numbers[at37 + 1] !== 1 || value37 - value37 !== 0 || before37 === 0) {
      others[4]?.(numbers, begin + 139);
    } else {
      numbers[at37 + 2 + place37] = value37;
      numbers[at37] = place37 + 1 === period37 ? 0 : place37 + 1;
      const result38 = 2 + period37;
      numbers[at37 + result38] = 100 * (value37 / before37 - 1);
    }
    // adx(14)
    const at39 = begin + 152;
    const period39 = 14;
    const high39 = high[0] ?? Number.NaN;
    const low39 = low[0] ?? Number.NaN;
    const close39 = close[0] ?? Number.NaN;
    const all39 = high39 + low39 + close39;
    if ((numbers[at39] ?? 0) < 2 * period39 || all39 - all39 !== 0) {
      others[5]?.(numbers, begin + 152);
    } else {
      const weight39 = 1 / period39;
      const up39 = high39 - (numbers[at39 + 1] ?? 0);
      const down39 = (numbers[at39 + 2] ?? 0) - low39;
      const move40 = 0.5 * (Math.abs(up39) + up39);
      const result40 = move40 * Number(up39 > down39);
      const plus39 = (numbers[at39 + 4] ?? 0) * (1 - weight39) + result40;
      const move41 = 0.5 * (Math.abs(down39) + down39);
      const result41 = move41 * Number(down39 > up39);
      const minus39 = (numbers[at39 + 5] ?? 0) * (1 - weight39) + result41;
      const previousClose42 = numbers[at39 + 3] ?? 0;
      const above42 = previousClose42 - high39;
      const below42 = low39 - previousClose42;
      const result42 = high39 - low39 + 0.5 * (Math.abs(above42) + above42 + (Math.abs(below42) + below42));
      const range39 = (numbers[at39 + 6] ?? 0) * (1 - weight39) + result42;
      const before39 = numbers[at39 + 7] ?? 0;
      const moved43 = plus39 + minus39;
      const result43 = moved43 === 0 ? 0 : (100 * Math.abs(plus39 - minus39)) / moved43;
      const strength39 = before39 + (result43 - before39) * weight39;
      const scale39 = range39 === 0 ? 0 : 100 / range39;
      numbers[at39 + 1] = high39;
      numbers[at39 + 2] = low39;
      numbers[at39 + 3] = close39;
      numbers[at39 + 4] = plus39;
      numbers[at39 + 5] = minus39;
      numbers[at39 + 6] = range39;
      numbers[at39 + 7] = strength39;
      numbers[at39 + 8] = strength39;
      numbers[at39 + 8 + 1] = plus39 * scale39;
      numbers[at39 + 8 + 2] = minus39 * scale39;
    }
    // macd(12,26,9)
    const at44 = begin + 163;
    const fastPeriod44 = 12;
    const slowPeriod44 = 26;
    const signalPeriod44 = 9;
    const value44 = close[0] ?? Number.NaN;
    if (numbers[at44] !== slowPeriod44 + signalPeriod44 - 1 || value44 - value44 !== 0) {
      others[6]?.(numbers, begin + 163);
    } else {
      const fastBefore44 = numbers[at44 + 1] ?? 0;
      const slowBefore44 = numbers[at44 + 2] ?? 0;
      const signalBefore44 = numbers[at44 + 3] ?? 0;
      const fast44 = fastBefore44 + (value44 - fastBefore44) * (2 / (fastPeriod44 + 1));
      const slow44 = slowBefore44 + (value44 - slowBefore44) * (2 / (slowPeriod44 + 1));
      const line44 = fast44 - slow44;
      const signal44 = signalBefore44 + (line44 - signalBefore44) * (2 / (signalPeriod44 + 1));
      numbers[at44 + 1] = fast44;
      numbers[at44 + 2] = slow44;
      numbers[at44 + 3] = signal44;
      numbers[at44 + 4] = line44;
      numbers[at44 + 4 + 1] = signal44;
      numbers[at44 + 4 + 2] = line44 - signal44;
    }
    // vwap(session)
    const at45 = begin + 170;
    const sessionMs45 = 86400000;
    const time45 = openAtMs[0] ?? Number.NaN;
    const beginsAtMs45 = numbers[at45 + 1] ?? 0;
    const bought45 = volume[0] ?? Number.NaN;
    const price45 = ((high[0] ?? Number.NaN) + (low[0] ?? Number.NaN) + (close[0] ?? Number.NaN)) / 3;
    const turnover45 = (numbers[at45 + 2] ?? 0) + price45 * bought45;
    const traded45 = (numbers[at45 + 3] ?? 0) + bought45;
    const average45 = turnover45 / traded45;
    const isWithin45 = numbers[at45] === 1 && time45 >= beginsAtMs45 && time45 < beginsAtMs45 + sessionMs45;
    if (!isWithin45 || average45 - average45 !== 0) {
      others[7]?.(numbers, begin + 170);
    } else {
      numbers[at45 + 2] = turnover45;
      numbers[at45 + 3] = traded45;
      numbers[at45 + 4] = average45;
    }
    // atr(14)
    const at46 = begin + 175;
    const period46 = 14;
    const high46 = high[0] ?? Number.NaN;
    const low46 = low[0] ?? Number.NaN;
    const close46 = close[0] ?? Number.NaN;
    const all46 = high46 + low46 + close46;
    if ((numbers[at46] ?? 0) <= period46 || all46 - all46 !== 0) {
      others[8]?.(numbers, begin + 175);
    } else {
      const average46 = numbers[at46 + 2] ?? 0;
      const previousClose47 = numbers[at46 + 1] ?? 0;
      const above47 = previousClose47 - high46;
      const below47 = low46 - previousClose47;
      const result47 = high46 - low46 + 0.5 * (Math.abs(above47) + above47 + (Math.abs(below47) + below47));
      const next46 = average46 + (result47 - average46) * (1 / period46);
      numbers[at46 + 1] = close46;
      numbers[at46 + 2] = next46;
      numbers[at46 + 3] = next46;
    }
    // obv
    const at48 = begin + 179;
    const close48 = close[0] ?? Number.NaN;
    const volume48 = volume[0] ?? Number.NaN;
    const both48 = close48 + volume48;
    if (numbers[at48] !== 1 || both48 - both48 !== 0) {
      others[9]?.(numbers, begin + 179);
    } else {
      const previous49 = numbers[at48 + 1] ?? 0;
      const result49 = volume48 * (Number(close48 > previous49) - Number(close48 < previous49));
      const balance48 = (numbers[at48 + 2] ?? 0) + result49;
      numbers[at48 + 1] = close48;
      numbers[at48 + 2] = balance48;
      numbers[at48 + 3] = balance48;
    }
    // ema(20)
    const at50 = begin + 183;
    const period50 = 20;
    const average50 = numbers[at50 + 1] ?? 0;
    const change50 = (close[0] ?? Number.NaN) - average50;
    if (numbers[at50] !== period50 || change50 - change50 !== 0) {
      others[10]?.(numbers, begin + 183);
    } else {
      const next50 = average50 + change50 * (2 / (period50 + 1));
      numbers[at50 + 1] = next50;
      numbers[at50 + 2] = next50;
    }
    // ema(50)
    const at51 = begin + 186;
    const period51 = 50;
    const average51 = numbers[at51 + 1] ?? 0;
    const change51 = (close[0] ?? Number.NaN) - average51;
    if (numbers[at51] !== period51 || change51 - change51 !== 0) {
      others[11]?.(numbers, begin + 186);
    } else {
      const next51 = average51 + change51 * (2 / (period51 + 1));
      numbers[at51 + 1] = next51;
      numbers[at51 + 2] = next51;
    }
    // ema(200)
    const at52 = begin + 189;
    const period52 = 200;
    const average52 = numbers[at52 + 1] ?? 0;
    const change52 = (close[0] ?? Number.NaN) - average52;
    if (numbers[at52] !== period52 || change52 - change52 !== 0) {
      others[12]?.(numbers, begin + 189);
    } else {
      const next52 = average52 + change52 * (2 / (period52 + 1));
      numbers[at52 + 1] = next52;
      numbers[at52 + 2] = next52;
    }
  },
};
