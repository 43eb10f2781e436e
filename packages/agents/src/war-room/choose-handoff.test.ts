import type { Direction, Turn } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseHandoff, type HandoffQuestion } from './choose-handoff.ts';
import { agent, opinion } from './scripted-panel.ts';
import type { Spoken } from './speak.ts';

const evidence = [{ feature: 'oi.change', value: -1.2 }];
const turn = (name: string, direction: Direction, confidence: number, changes: Partial<Turn> = {}): Turn => ({
  index: 0,
  agent: name,
  direction,
  confidence,
  keyLevels: [],
  reasoning: '',
  evidence,
  source: 'rules',
  ...changes,
});
const said = (...turns: readonly Turn[]): Spoken[] => turns.map((each) => ({ turn: each }));
const debaters = (['vanta', 'luma', 'meridian'] as const).map((name) => ({
  agent: agent(name),
  opinion: opinion(name, 'long', 0.75),
}));
const ask = (given: Partial<HandoffQuestion> & Pick<HandoffQuestion, 'turn'>) =>
  chooseHandoff({ spoken: [], debaters, queue: [], maxTurns: 6, ...given });
const asking = (to: string): Pick<Turn, 'handoff'> => ({ handoff: { to, kind: 'extreme', reason: 'look' } });

describe('chooseHandoff', () => {
  it('default: with nothing to answer the word goes on in order', () => {
    const spoken = said(turn('vanta', 'long', 0.7), turn('luma', 'neutral', 0.6));
    expect(ask({ turn: turn('meridian', 'long', 0.7), spoken })).toBeUndefined();
  });

  it('behavior: disagreement goes to the surest opponent, who has not heard it, naming what contradicts', () => {
    const spoken = said(turn('vanta', 'short', 0.7), turn('luma', 'short', 0.65));
    expect(ask({ turn: turn('meridian', 'long', 0.75), spoken })).toEqual({
      to: 'vanta',
      kind: 'disagreement',
      reason: 'meridian reads the opposite of vanta on oi.change.',
    });
  });

  it('behavior: an opponent below 0.6, an earlier word of its own and one to whom way was given are no disagreement', () => {
    const own = turn('meridian', 'long', 0.75);
    expect(ask({ turn: own, spoken: said(turn('vanta', 'short', 0.59)) })).toBeUndefined();
    expect(ask({ turn: own, spoken: said(turn('vanta', 'short', 0.7), turn('vanta', 'long', 0.7)) })).toBeUndefined();
    const weak = debaters.map((each) => ({ ...each, opinion: { ...each.opinion, score: 30, confidence: 0.56 } }));
    expect(
      ask({ turn: turn('meridian', 'long', 0.504), spoken: said(turn('vanta', 'short', 0.7)), debaters: weak }),
    ).toBeUndefined();
  });

  it('behavior: missing evidence: who takes a side and names nothing is asked what it rests on', () => {
    const spoken = said(turn('vanta', 'long', 0.7, { evidence: [] }));
    expect(ask({ turn: turn('luma', 'neutral', 0.7), spoken })).toEqual({
      to: 'vanta',
      kind: 'missing-evidence',
      reason: 'vanta is long and names no evidence; luma asks what that rests on.',
    });
    expect(ask({ turn: turn('luma', 'long', 0.7, { evidence: [] }), spoken })).toBeUndefined();
    expect(
      ask({ turn: turn('luma', 'long', 0.7), spoken: said(turn('vanta', 'neutral', 0.7, { evidence: [] })) }),
    ).toBeUndefined();
  });

  it('behavior: an extreme goes to the weightiest who saw nothing', () => {
    const spoken = said(turn('luma', 'neutral', 0.7), turn('vanta', 'neutral', 0.6));
    expect(ask({ turn: turn('meridian', 'short', 0.9), spoken })).toEqual({
      to: 'vanta',
      kind: 'extreme',
      reason: 'meridian is short at 90 %; vanta saw nothing and is asked to look again.',
    });
    expect(ask({ turn: turn('meridian', 'short', 0.89), spoken })).toBeUndefined();
    expect(ask({ turn: turn('meridian', 'neutral', 0.95), spoken })).toBeUndefined();
  });

  it('behavior: what the speaker asks for goes before the rules', () => {
    const spoken = said(turn('vanta', 'short', 0.7));
    expect(ask({ turn: turn('meridian', 'long', 0.75, asking('luma')), spoken })).toMatchObject({ to: 'luma' });
  });

  it('behavior: nobody absent, asked already or spoken for is asked, nobody asks itself or twice', () => {
    const wishes = (to: string, ...spoken: readonly Turn[]) =>
      ask({ turn: turn('meridian', 'long', 0.75, asking(to)), spoken: said(...spoken) })?.to;
    expect(wishes('vanta')).toBe('vanta');
    expect(wishes('orchestrator')).toBeUndefined();
    expect(wishes('meridian')).toBeUndefined();
    expect(wishes('vanta', turn('luma', 'long', 0.7, asking('vanta')))).toBeUndefined();
    expect(wishes('vanta', turn('meridian', 'long', 0.7, asking('luma')))).toBeUndefined();
    const silent: Spoken = { turn: turn('vanta', 'short', 0.7), failure: { code: 'turn.timeout', message: '' } };
    expect(ask({ turn: turn('meridian', 'long', 0.75), spoken: [silent] })).toBeUndefined();
  });

  it('behavior: only while everybody can still have a first word', () => {
    const own = turn('vanta', 'long', 0.7, asking('luma'));
    expect(ask({ turn: own, queue: ['luma', 'meridian'], maxTurns: 3 })?.to).toBe('luma');
    const spoken = said(turn('luma', 'long', 0.7));
    expect(ask({ turn: own, spoken, queue: ['meridian'], maxTurns: 4 })?.to).toBe('luma');
    expect(ask({ turn: own, spoken, queue: ['meridian'], maxTurns: 3 })).toBeUndefined();
  });

  it('behavior: whoever says what, a debate stays within its turns and everybody speaks', () => {
    const word = fc.record({
      direction: fc.constantFrom<Direction>('long', 'short', 'neutral'),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
      bare: fc.boolean(),
      wish: fc.option(fc.constantFrom('vanta', 'luma', 'meridian', 'nobody')),
    });
    fc.assert(
      fc.property(fc.array(word, { minLength: 8, maxLength: 8 }), fc.integer({ min: 3, max: 6 }), (words, maxTurns) => {
        let queue = debaters.map((each) => each.agent.name);
        const spoken: Spoken[] = [];
        for (const { direction, confidence, bare, wish } of words) {
          const [name, ...rest] = queue;
          if (name === undefined) break;
          const own = turn(name, direction, confidence, {
            ...(bare ? { evidence: [] } : {}),
            ...(wish === null ? {} : asking(wish)),
          });
          const handoff = chooseHandoff({ turn: own, spoken, debaters, queue: rest, maxTurns });
          const { handoff: _, ...plain } = own;
          spoken.push({ turn: handoff === undefined ? plain : { ...plain, handoff } });
          queue = handoff === undefined ? rest : [handoff.to, ...rest.filter((other) => other !== handoff.to)];
        }
        expect(spoken.length).toBeLessThanOrEqual(maxTurns);
        expect(queue).toEqual([]);
        expect(new Set(spoken.map((each) => each.turn.agent)).size).toBe(3);
        const asked = spoken.flatMap((each) => each.turn.handoff?.to ?? []);
        expect(new Set(asked).size).toBe(asked.length);
      }),
    );
  });
});
