import type { Direction, Turn } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { debateByRules } from './rules-turn.ts';

const turn = (agent: string, direction: Direction, confidence: number, handoff?: Turn['handoff']): Turn => ({
  index: 0,
  agent,
  direction,
  confidence,
  keyLevels: [],
  reasoning: '',
  evidence: [{ feature: 'oi.change', value: -1.2 }],
  source: 'rules',
  ...(handoff === undefined ? {} : { handoff }),
});
const weak = { score: 30, direction: 'long', confidence: 0.56 } as const;
const strong = { score: 60, direction: 'long', confidence: 0.75 } as const;

describe('debateByRules', () => {
  it('default: without an opponent it keeps its word', () => {
    const answer = debateByRules('vanta', weak, [turn('luma', 'long', 0.9), turn('meridian', 'neutral', 0.9)]);
    expect(answer).toEqual({ confidence: 0.56, remark: '' });
  });

  it('behavior: weak evidence gives way once by a tenth to a surer opponent', () => {
    const answer = debateByRules('vanta', weak, [turn('luma', 'short', 0.7)]);
    expect(answer.confidence).toBeCloseTo(0.504, 12);
    expect(answer).not.toHaveProperty('handoff');
  });

  it('behavior: strong evidence hands the word to the opponent, naming what contradicts', () => {
    const answer = debateByRules('vanta', strong, [turn('luma', 'short', 0.7), turn('meridian', 'short', 0.65)]);
    expect(answer.confidence).toBe(0.75);
    expect(answer.handoff).toEqual({ to: 'luma', reason: 'vanta reads the opposite of luma on oi.change.' });
  });

  it('behavior: hands off once a debate, and never to one that was asked already', () => {
    const own = turn('vanta', 'long', 0.75, { to: 'meridian', reason: '' });
    expect(debateByRules('vanta', strong, [own, turn('luma', 'short', 0.7)])).not.toHaveProperty('handoff');
    const asked = turn('meridian', 'long', 0.7, { to: 'luma', reason: '' });
    expect(debateByRules('vanta', strong, [asked, turn('luma', 'short', 0.7)])).not.toHaveProperty('handoff');
  });

  it('behavior: only the last word of an opponent counts', () => {
    expect(debateByRules('vanta', strong, [turn('luma', 'short', 0.7), turn('luma', 'neutral', 0.9)]).remark).toBe('');
  });

  it('behavior: neutral opposes nobody', () => {
    expect(
      debateByRules('vanta', { score: 5, direction: 'neutral', confidence: 0.8 }, [turn('luma', 'short', 0.9)]).remark,
    ).toBe('');
  });
});
