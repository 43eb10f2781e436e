import { describe, expect, it } from 'vitest';
import { seriesOf } from '../testing/series.ts';
import { breakBars, lastBreak, phaseOf, structureFeatures } from './market-structure.ts';
import { findSwings } from './swings.ts';

/** Up over a swing high, then down under a swing low. */
const up = [100, 101, 105, 102, 101, 103, 106];
const upThenDown = [...up, 107, 104, 103, 104.5, 104.2, 103.5, 102];

describe('lastBreak', () => {
  it('default: a close above the last swing high breaks structure upwards', () => {
    const series = seriesOf(up);
    expect(lastBreak(series, findSwings(series))).toEqual({ kind: 'break-of-structure', direction: 1, age: 0 });
  });

  it('behavior: a break against the one before is a change of character', () => {
    const series = seriesOf(upThenDown);
    expect(lastBreak(series, findSwings(series))).toEqual({ kind: 'change-of-character', direction: -1, age: 0 });
  });

  it('behavior: a swing counts only once two bars have closed after it', () => {
    const series = seriesOf([100, 101, 105, 102, 106]);
    expect(lastBreak(series, findSwings(series))).toBeUndefined();
  });
});

describe('structureFeatures', () => {
  it('default: rising swings, and where the close stands in the range', () => {
    const series = seriesOf([100, 102, 108, 104, 102, 105, 112, 107, 104, 106, 109, 108]);
    const features = structureFeatures(series, findSwings(series), 2);
    expect(features).toMatchObject({ highs: 2, rangePosition: 8 / 12 });
  });

  it('behavior: a break older than its bars is none', () => {
    const series = seriesOf([...up, ...Array.from({ length: breakBars }, () => 104)]);
    const features = structureFeatures(series, findSwings(series), 2);
    expect(features.break).toBe(0);
    expect(features).not.toHaveProperty('breakAge');
  });
});

describe('phaseOf', () => {
  it.each([
    [4, 0, 0.9, 'markup'],
    [-4, 0, 0.1, 'markdown'],
    [0, 4, 0.6, 'distribution'],
    [0, -4, 0.6, 'accumulation'],
    [0, 0, 0.2, 'accumulation'],
    [0, 0, 0.8, 'distribution'],
  ] as const)('default: recent %d after %d at %d of the range is %s', (recent, prior, position, phase) => {
    expect(phaseOf(recent, prior, position)).toBe(phase);
  });
});
