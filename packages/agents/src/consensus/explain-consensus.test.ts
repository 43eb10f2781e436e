import type { Direction } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConsensusLine, explainConsensus } from './explain-consensus.ts';
import { consensusRules, reachConsensus, type Seat } from './reach-consensus.ts';

type Word = readonly [Direction, number, 'stale'?] | undefined;
const panel = [
  ['vanta', 0.4],
  ['luma', 0.35],
  ['meridian', 0.25],
] as const;
const seats = (...words: readonly Word[]): Seat[] =>
  panel.map(([agent, weight], index) => {
    const word = words[index];
    return word === undefined
      ? { agent, weight }
      : { agent, weight, vote: { direction: word[0], confidence: word[1], stale: word[2] === 'stale' } };
  });
const value = (lines: readonly ConsensusLine[], kind: ConsensusLine['kind'], subject?: string): number | undefined =>
  lines.find((line) => line.kind === kind && (subject === undefined || line.subject === subject))?.value;

describe('explainConsensus', () => {
  it('default: an account of every sum, to be read from top to bottom', () => {
    const account = explainConsensus(reachConsensus(seats(['long', 0.75], ['long', 0.7, 'stale'], ['short', 0.65])));
    expect(account.text).toBe(
      [
        'vanta is long: weight 0.4 × factor 1 × confidence 0.75 = 0.3.',
        'luma is long: weight 0.35 × factor 1 × confidence 0.7 = 0.245.',
        'meridian is short: weight 0.25 × factor 1 × confidence 0.65 = 0.1625.',
        'luma is stale.',
        'Long: 2 votes, strength 0.545.',
        'Short: 1 vote, strength 0.1625.',
        "Base, the long side's mean confidence: 0.545 / 0.75 = 0.726667.",
        'Disagreement: 0.1625 / 0.7075 = 0.229682.',
        'Times 1 − 0.15 × 0 (missing) = 1.',
        'Times 1 − 0.1 × 1 (stale) = 0.9.',
        'Times 1 − 0.5 × 0.229682 (disagreement) = 0.885159.',
        'Confidence: 0.726667 × 1 × 0.9 × 0.885159 = 0.578894.',
        'At least 2 agents present: 3, met.',
        'The sides apart: 0.3825, met.',
        'Disagreement at most 0.4: 0.229682, met.',
        'At least 2 votes on the winning side: 2, met.',
        'Confidence at least 0.6: 0.578894, not met.',
        'Stands aside: the confidence is too low.',
      ].join('\n'),
    );
  });

  // PRODUCT §2, its check values.
  it.each([
    ['all long', seats(['long', 0.75], ['long', 0.7], ['long', 0.65]), 0.7075, 'Long at 0.7075: every bound is met.'],
    [
      'Meridian missing',
      seats(['long', 0.75], ['long', 0.7], undefined),
      (0.545 / 0.75) * 0.85,
      'Long at 0.617667: every bound is met.',
    ],
    [
      'one stale',
      seats(['long', 0.75], ['long', 0.7, 'stale'], ['long', 0.65]),
      0.63675,
      'Long at 0.63675: every bound is met.',
    ],
    [
      'Luma short',
      seats(['long', 0.75], ['short', 0.7], ['long', 0.65]),
      (0.4625 / 0.65) * (1 - (0.5 * 0.245) / 0.7075),
      'Stands aside: the confidence is too low.',
    ],
    [
      'Meridian short',
      seats(['long', 0.75], ['long', 0.7], ['short', 0.65]),
      (0.545 / 0.75) * (1 - (0.5 * 0.1625) / 0.7075),
      'Long at 0.643216: every bound is met.',
    ],
    [
      'neutrals',
      seats(['long', 0.75], ['neutral', 0.5], ['neutral', 0.5]),
      0.75,
      'Stands aside: too few votes are on the winning side.',
    ],
  ] as const)('default: %s', (_, given, confidence, decision) => {
    const { lines } = explainConsensus(reachConsensus(given));
    expect(value(lines, 'confidence')).toBeCloseTo(confidence, 12);
    expect(lines.at(-1)?.text).toBe(decision);
  });

  it('default: who is missing, what calibration did and what the devil’s advocate took', () => {
    const given = seats(['short', 0.9], ['short', 0.9], ['neutral', 0.6]).map((seat) => ({ ...seat, factor: 1.2 }));
    const { lines, text } = explainConsensus(
      reachConsensus([...given, { agent: 'fourth', weight: 0.1 }], undefined, { agent: 'meridian', strength: 0.5 }),
    );
    // 0.9 less 15 % for who is missing is 0.765: strong, but a case of strength one half may take it to 0.75 only.
    expect(value(lines, 'confidence')).toBe(0.75);
    expect(text).toContain('fourth is missing.');
    expect(text).toContain('vanta is short: weight 0.4 × factor 1.2 × confidence 0.9 = 0.432.');
    expect(text).toContain(
      "The devil's advocate meridian makes a case of strength 0.5: 0.765 × (1 − 0.1 × 0.5), not below 0.75.",
    );
  });

  it('default: what each line is and what it is about, in their order', () => {
    const given = [...seats(['long', 0.9], ['long', 0.9, 'stale'], ['neutral', 0.6]), { agent: 'fourth', weight: 0.1 }];
    const rules = { ...consensusRules, strongConfidence: 0.6 };
    const consensus = reachConsensus(given, rules, { agent: 'meridian', strength: 0.5 });
    const { lines } = explainConsensus(consensus, { rules });
    expect(lines.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      ...['vote vanta', 'vote luma', 'vote meridian', 'missing fourth', 'stale luma', 'side long', 'side short'],
      ...['base long', 'disagreement disagreement'],
      ...['penalty missing', 'penalty stale', 'penalty disagreement', 'challenge meridian', 'confidence confidence'],
      ...['bound too-few-agents', 'bound tie', 'bound disagreement', 'bound too-few-votes', 'bound low-confidence'],
      'decision long',
    ]);
    const aside = explainConsensus(reachConsensus(seats(['long', 0.9], undefined, undefined))).lines.at(-1);
    expect(aside).toMatchObject({ kind: 'decision', subject: 'too-few-agents' });
    expect(value(lines, 'vote', 'meridian')).toBe(0);
    expect(lines[2]?.text).toBe('meridian is neutral at 0.6 and abstains.');
  });

  it('behavior: calibration multiplies the weights of a side, so that it leaves its mean as it is', () => {
    const given = seats(['short', 0.9], ['short', 0.9], undefined).map((seat) => ({ ...seat, factor: 1.2 }));
    const { lines, text } = explainConsensus(reachConsensus(given));
    expect(value(lines, 'side', 'short')).toBeCloseTo(0.81, 12);
    expect(text).toContain("Base, the short side's mean confidence: 0.81 / 0.9 = 0.9.");
  });

  it('behavior: where nobody takes a side there is nothing to divide', () => {
    const { text } = explainConsensus(reachConsensus(seats(['neutral', 0.5], ['neutral', 0.5], ['neutral', 0.5])));
    expect(text).toContain('Base: 0, nobody takes a side.');
    expect(text).toContain('Disagreement: 0, nobody takes a side.');
  });

  it('behavior: equal sides tie, and so do sides that only float error tells apart', () => {
    const tie = (long: number, short: number) =>
      explainConsensus(
        reachConsensus([
          { agent: 'a', weight: 1, vote: { direction: 'long', confidence: long, stale: false } },
          { agent: 'b', weight: 1, vote: { direction: 'short', confidence: short, stale: false } },
        ]),
      ).lines.find(({ subject }) => subject === 'tie');
    expect([tie(0.7, 0.7)?.met, tie(1e-12, 0)?.met, tie(2e-12, 0)?.met, tie(0, 0)?.met]).toEqual([
      ...[false, false, true, true],
    ]);
  });

  it('behavior: a bound is met by what is at it, and by what float error alone takes beyond it', () => {
    const consensus = reachConsensus(seats(['long', 0.75], ['long', 0.7], ['long', 0.65]));
    const met = (subject: 'disagreement' | 'low-confidence', beyond: number) => {
      const figures = { disagreement: 0.4 + beyond, confidence: 0.6 - beyond };
      const { lines } = explainConsensus({ ...consensus, ...figures });
      return lines.find((line) => line.kind === 'bound' && line.subject === subject)?.met;
    };
    for (const subject of ['disagreement', 'low-confidence'] as const)
      expect([0, 1e-12, 2e-12].map((beyond) => met(subject, beyond))).toEqual([true, true, false]);
  });

  it('behavior: a reason beyond the maths is told as what it is', () => {
    const { lines } = explainConsensus(reachConsensus(seats(['long', 0.75], ['long', 0.7], ['long', 0.65])), {
      reason: 'geometry',
    });
    expect(lines.at(-1)).toMatchObject({
      subject: 'geometry',
      text: 'Stands aside: stop, entry and target do not lie in order.',
    });
  });

  it('behavior: the account adds up to the consensus, whatever was voted', () => {
    const word = fc.option(
      fc.record({
        direction: fc.constantFrom<Direction>('long', 'short', 'neutral'),
        confidence: fc.double({ min: 0, max: 1, noNaN: true }),
        stale: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const consensus = reachConsensus(
          words.map((vote, i) => ({ agent: `a${i}`, weight: 0.2 + i / 10, ...(vote ? { vote } : {}) })),
        );
        const { lines } = explainConsensus(consensus);
        const factors = lines.filter(({ kind }) => kind === 'penalty').map((line) => line.value ?? Number.NaN);
        const product = factors.reduce((all, factor) => all * factor, consensus.base);
        expect(Math.max(0, product)).toBeCloseTo(consensus.confidence, 12);
        const firstMissed = lines.find(({ kind, met }) => kind === 'bound' && met === false)?.subject;
        expect(firstMissed).toBe(consensus.standAside);
        expect(lines.some(({ text }) => /NaN|undefined|Infinity/.test(text))).toBe(false);
      }),
    );
  });
});
