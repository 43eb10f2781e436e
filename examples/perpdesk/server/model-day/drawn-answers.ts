import { SeededRandom } from '@perpdesk/core';
import { answerTo } from '../testing/model-server.ts';

/** What a server does with a question: it answers with a text, or fails in a way of its own. */
export type DrawnReply =
  | { readonly play: string; readonly kind: 'answer'; readonly text: string; readonly afterMs: number }
  | { readonly play: 'status 500'; readonly kind: 'status' }
  | { readonly play: 'no answer in time'; readonly kind: 'never' };

/** Plays and their share. The rest are good answers. */
const badPlays = [
  ['another schema', 0.02],
  ['an invented price', 0.03],
  ['cut off', 0.02],
  ['a direction against its components', 0.02],
  ['status 500', 0.02],
  ['no answer in time', 0.02],
] as const;

/**
 * The reply to a question, drawn from the seed, the question and how often it was asked: in whatever order questions come. What is asked for
 * once more is drawn alike, so that an answer that fits no schema is not repaired.
 */
export function drawReply(seed: string, question: string, times: number): DrawnReply {
  const random = new SeededRandom(`${seed}:${times >> 1}:${question}`);
  let drawn = random.next();
  const afterMs = Math.floor(random.next() * 12);
  const good = variedAnswer(question, random);
  for (const [play, share] of badPlays) {
    if (drawn < share) {
      if (play === 'status 500') return { play, kind: 'status' };
      if (play === 'no answer in time') return { play, kind: 'never' };
      return { play, kind: 'answer', text: spoilt(play, good), afterMs };
    }
    drawn -= share;
  }
  return { play: 'good', kind: 'answer', text: JSON.stringify(good), afterMs };
}

type Answer = Readonly<Record<string, unknown>>;

/** A good answer of a strength and side of its own. */
function variedAnswer(question: string, random: SeededRandom): Answer {
  const answer: Answer = { ...answerTo(question) };
  const { components } = answer;
  if (typeof components !== 'object' || components === null) return answer;
  const sign = random.next() < 0.7 ? 1 : -1;
  const strength = 8 + Math.floor(random.next() * 17);
  return {
    ...answer,
    direction: sign > 0 ? 'long' : 'short',
    components: Object.fromEntries(Object.keys(components).map((name) => [name, sign * strength])),
  };
}

function spoilt(play: string, good: Answer): string {
  const text = JSON.stringify(good);
  if (play === 'another schema') return JSON.stringify({ opinion: 'up' });
  if (play === 'cut off') return text.slice(0, -9);
  if (play === 'an invented price') {
    const words = 'notes' in good ? { notes: ['It heads for 987654.'] } : { reasoning: 'It heads for 987654.' };
    return JSON.stringify({ ...good, ...words });
  }
  return JSON.stringify({ ...good, direction: good.direction === 'long' ? 'short' : 'long' });
}
