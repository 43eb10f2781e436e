import type { Direction, Turn } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { debateByRules } from './rules-turn.ts';

const turn = (agent: string, direction: Direction, confidence: number): Turn => ({
  index: 0,
  agent,
  direction,
  confidence,
  keyLevels: [],
  reasoning: '',
  evidence: [{ feature: 'oi.change', value: -1.2 }],
  source: 'rules',
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
  });

  it('behavior: strong evidence keeps its view and says against whom', () => {
    const answer = debateByRules('vanta', strong, [turn('luma', 'short', 0.7), turn('meridian', 'short', 0.65)]);
    expect(answer).toEqual({ confidence: 0.75, remark: "It keeps its view against luma's short one." });
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
