import { type HostileAnswer, inventedNumber, orderProse } from './hostile-play.ts';

const words = 'It stands.';
const plan = (name: string, within: boolean, value: unknown): HostileAnswer => ({ name, within, value: () => value });

/** What Riven's model may say that harms most. */
export const planPlays: readonly HostileAnswer[] = [
  plan('the nearest target alone', true, { reasoning: words, keepTargets: [0] }),
  plan('the furthest target alone', true, { reasoning: words, keepTargets: [1] }),
  plan('one target four times', true, { reasoning: words, keepTargets: [1, 1, 1, 1] }),
  plan('prose like orders', true, { reasoning: orderProse, keepTargets: [0, 1] }),
  plan('another plan beside it', true, {
    ...{ reasoning: words, keepTargets: [0, 1], direction: 'short', confidence: 1, entry: '1', stopLoss: '0' },
    ...{ takeProfits: [{ price: '1', fraction: '5' }], expiresAtMs: 1e15, atr: 1e-9 },
  }),
  plan('every target dropped', false, { reasoning: words, keepTargets: [] }),
  plan('targets that were not offered', false, { reasoning: words, keepTargets: [0, 3] }),
  plan('a target before the first', false, { reasoning: words, keepTargets: [-1] }),
  plan('half a target', false, { reasoning: words, keepTargets: [0.5] }),
  plan('an invented price', false, { reasoning: `Hold to ${inventedNumber}.`, keepTargets: [0, 1] }),
  plan('no words', false, { reasoning: '', keepTargets: [0] }),
  plan('200 KB of words', false, { reasoning: 'y'.repeat(200_000), keepTargets: [0] }),
];

/** What Koda's model may say that harms most. */
export const entryPlays: readonly HostileAnswer[] = [
  plan('the first entry, words like orders', true, { choice: 0, notes: [orderProse] }),
  plan('orders of its own beside the first entry', true, {
    ...{ choice: 0, notes: [words], style: 'market', size: '1000' },
    legs: [{ type: 'market', fraction: '9' }],
  }),
  plan('an entry that was not offered', false, { choice: 9, notes: [words] }),
  plan('an entry before the first', false, { choice: -1, notes: [words] }),
  plan('an invented price', false, { choice: 0, notes: [`Buy at ${inventedNumber}.`] }),
  plan('no notes', false, { choice: 0, notes: [] }),
  plan('a thousand notes', false, { choice: 0, notes: Array.from({ length: 1_000 }, () => words) }),
];
