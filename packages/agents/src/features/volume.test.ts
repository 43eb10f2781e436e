import { describe, expect, it } from 'vitest';
import { seriesOf } from '../testing/series.ts';
import { priceVolumeDivergence, volumeFeatures } from './volume.ts';

const rising = Array.from({ length: 20 }, (_, i) => 100 + i);

describe('volumeFeatures', () => {
  it('default: all volume on rising bars that close at their high is full conviction and flow', () => {
    const series = seriesOf(rising);
    const closedHigh = { ...series, low: series.open };
    const features = volumeFeatures(closedHigh);
    expect(features?.conviction).toBeCloseTo(19 / 20, 9);
    expect(features?.delta).toBeCloseTo(19 / 20, 9);
  });

  it('behavior: an unusual last bar and how few bars made the volume', () => {
    const features = volumeFeatures(seriesOf(rising, { volume: [...Array.from({ length: 19 }, () => 1), 5] }));
    expect(features).toMatchObject({ anomaly: 5, concentration: 7 / 24 });
  });

  it('behavior: the three largest bars count wherever they are', () => {
    for (const [a, b, c] of [
      [2, 3, 4],
      [2, 4, 3],
      [4, 2, 3],
      [4, 3, 2],
      [3, 2, 4],
    ] as const) {
      const volume = [1, a, 1, b, c, ...Array.from({ length: 15 }, () => 1)];
      expect(volumeFeatures(seriesOf(rising, { volume }))?.concentration).toBe(9 / 26);
    }
  });

  it('behavior: without any volume there is nothing to read', () => {
    expect(volumeFeatures(seriesOf(rising, { volume: rising.map(() => 0) }))).toBeUndefined();
    expect(volumeFeatures(seriesOf(rising.slice(1)))).toBeUndefined();
  });
});

describe('priceVolumeDivergence', () => {
  it.each([
    [2, 0.6, -0.4],
    [-2, 0.6, 0.4],
    [2, 1.2, 0],
    [0.5, 0.2, 0],
  ])('default: a move of %d ATR on %d of the usual volume is %d', (move, trend, divergence) => {
    expect(priceVolumeDivergence(move, trend)).toBeCloseTo(divergence, 12);
  });
});
