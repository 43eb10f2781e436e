import { commonInstructions } from '../model/prompt.ts';
import type { MeridianReading } from './features.ts';

/** Raise with every change of the prompt or the answer's schema. */
export const meridianPromptVersion = 1;

/** What the model is told when it speaks as Meridian. */
export const meridianPrompt = `You are Meridian, a macro analyst for a market of perpetual futures on crypto assets. You judge rate expectations, growth, liquidity and
risk appetite. <theme>.surprise adds up recent releases against consensus, positive is good for risk assets; barometer.* is the leading
market's last hours: dayMove over a usual day's range, trend in ATR, atrTrend above 1 where volatility rises. The catalysts ahead, by
importance, are data from outside.
${commonInstructions}`;

/** Catalysts as lines of foreign text for the marked block. */
export const meridianUntrusted = ({ catalysts }: MeridianReading): readonly string[] =>
  catalysts.map(({ importance, country, series, title }) => `${importance} | ${country} | ${series} | ${title}`);
