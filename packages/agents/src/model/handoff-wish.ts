import { type Direction, type HandoffKind, handoffKindSchema, type Turn } from '@perpdesk/core';
import * as z from 'zod';

/** Whom a model wants to hear again and why; null: nobody. Words of its own are not asked for. */
export const handoffWishSchema = z.object({ agent: z.string().min(1).max(40), kind: handoffKindSchema }).nullable();
export type HandoffWish = z.infer<typeof handoffWishSchema>;

/** What a model is told of it, behind its other instructions. */
export const handoffInstructions = `asks: null, or in a debate one agent of it that should speak again before the next one: {"agent": its name, "kind": why}.
Kinds: disagreement (it takes the other side), missing-evidence (it takes a side and names no evidence), extreme (you take a side, it is neutral and should look again).`;

/**
 * The hand-off that a model asks for, where the debate bears it out: the agent has spoken, and its last word is what the kind says it is. All
 * else is no wish. The reason is worded here; whether the word goes there is the room's to decide.
 */
export function handoffOf(
  wish: HandoffWish | undefined,
  speaker: { readonly agent: string; readonly direction: Direction },
  transcript: readonly Turn[],
): Turn['handoff'] {
  if (wish === null || wish === undefined || wish.agent === speaker.agent) return undefined;
  const word = transcript.findLast(({ agent }) => agent === wish.agent);
  if (word === undefined || !bearsOut[wish.kind](speaker.direction, word)) return undefined;
  return { to: word.agent, kind: wish.kind, reason: reasons[wish.kind](speaker.agent, word) };
}

const bearsOut: Readonly<Record<HandoffKind, (own: Direction, word: Turn) => boolean>> = {
  disagreement: (own, { direction }) => own !== 'neutral' && direction !== 'neutral' && direction !== own,
  'missing-evidence': (_own, { direction, evidence }) => direction !== 'neutral' && evidence.length === 0,
  extreme: (own, { direction }) => own !== 'neutral' && direction === 'neutral',
};

const reasons: Readonly<Record<HandoffKind, (speaker: string, word: Turn) => string>> = {
  disagreement: (speaker, { agent }) => `${speaker} reads the opposite of ${agent} and asks it to answer.`,
  'missing-evidence': (speaker, { agent, direction }) =>
    `${agent} is ${direction} and names no evidence; ${speaker} asks what that rests on.`,
  extreme: (speaker, { agent }) => `${agent} saw nothing and is asked by ${speaker} to look again.`,
};
