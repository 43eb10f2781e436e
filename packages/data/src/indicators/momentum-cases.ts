import { AwesomeOscillator, awesomeOscillator } from './awesome-oscillator.ts';
import { BalanceOfPower, balanceOfPower } from './balance-of-power.ts';
import { Cci, cci } from './cci.ts';
import { Cmo, cmo } from './cmo.ts';
import { Dpo, dpo } from './dpo.ts';
import { at, type IndicatorCase, ofBar, ofValue } from './indicator-case.ts';
import { Momentum, momentum } from './momentum.ts';
import { Ppo, ppo } from './ppo.ts';
import { Smi, smi } from './smi.ts';
import { Stochastic, stochastic } from './stochastic.ts';
import { Trix, trix } from './trix.ts';
import { Tsi, tsi } from './tsi.ts';
import { UltimateOscillator, ultimateOscillator } from './ultimate-oscillator.ts';
import { WilliamsR, williamsR } from './williams-r.ts';

/** Momentum oscillators. */
export const momentumCases: readonly IndicatorCase[] = [
  ofBar(
    () => new Stochastic(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.raw, x.k, x.d],
    17,
    (columns) => Object.values(stochastic(columns)),
  ),
  ofBar(
    () => new WilliamsR(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.value],
    13,
    (columns) => [williamsR(columns)],
  ),
  ofBar(
    () => new Cci(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.value],
    19,
    (columns) => [cci(columns)],
  ),
  ofValue(
    () => new Trix(),
    (x) => [x.value],
    43,
    (values) => [trix(values)],
  ),
  ofValue(
    () => new Momentum(),
    (x) => [x.value],
    10,
    (values) => [momentum(values)],
  ),
  ofValue(
    () => new Cmo(),
    (x) => [x.value],
    14,
    (values) => [cmo(values)],
  ),
  ofValue(
    () => new Ppo(),
    (x) => [x.ppo, x.signal, x.histogram],
    33,
    (values) => Object.values(ppo(values)),
  ),
  ofValue(
    () => new Tsi(),
    (x) => [x.tsi, x.signal],
    43,
    (values) => Object.values(tsi(values)),
  ),
  ofValue(
    () => new Dpo(),
    (x) => [x.value],
    19,
    (values) => [dpo(values)],
  ),
  ofBar(
    () => new AwesomeOscillator(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i)),
    (x) => [x.value],
    33,
    (columns) => [awesomeOscillator(columns)],
  ),
  ofBar(
    () => new UltimateOscillator(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.value],
    28,
    (columns) => [ultimateOscillator(columns)],
  ),
  ofBar(
    () => new BalanceOfPower(),
    (x, columns, i) => x.update(at(columns.open, i), at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.value],
    0,
    (columns) => [balanceOfPower(columns)],
  ),
  ofBar(
    () => new Smi(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.smi, x.signal],
    12,
    (columns) => Object.values(smi(columns)),
  ),
];
