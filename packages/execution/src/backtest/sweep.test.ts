import { SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { parameterSets } from './parameter-grid.ts';
import { shareColumns, sweep } from './sweep.ts';
import { walk } from './testing/candles.ts';
import { backtest } from './testing/swept-cross.ts';

const module = new URL('./testing/swept-cross.ts', import.meta.url);

describe('sweep', () => {
  it('default: every combination in threads, rows in the order of the grid', async () => {
    const data = shareColumns({ ...walk(500, new SeededRandom(3)) });
    const done: string[] = [];
    const grid = { bars: [1, 2, 3, 0, 5] };
    const rows = await sweep<ReturnType<typeof backtest>>({
      ...{ module, grid, data, workers: 2 },
      onResult: (count, total) => done.push(`${count}/${total}`),
    });
    expect(done).toEqual(['1/5', '2/5', '3/5', '4/5', '5/5']);
    expect(rows.map(({ parameters }) => parameters)).toEqual(parameterSets(grid));
    for (const [index, row] of rows.entries()) {
      if (index === 3)
        expect(row).toMatchObject({ failure: { code: 'sweep.failed', message: 'nothing to look back on' } });
      // What a thread finds is what is found here, on memory that was not copied.
      else expect('result' in row && row.result).toEqual(backtest(row.parameters, { data }));
      if ('result' in row) expect(row.result.shared).toBe(true);
    }
  });

  it('default: a grid', () => {
    expect(parameterSets({ a: [1, 2], b: ['x', true] })).toEqual([
      { a: 1, b: 'x' },
      { a: 1, b: true },
      { a: 2, b: 'x' },
      { a: 2, b: true },
    ]);
    expect(() => parameterSets({ a: [1], b: [] })).toThrow('There is no value to try of "b".');
  });

  it('error: a thread that ends, a module without a backtest, an abort', async () => {
    const data = shareColumns({ ...walk(50, new SeededRandom(3)) });
    await expect(sweep({ module, data, grid: { bars: [-1, 1] }, workers: 1 })).rejects.toMatchObject({
      code: 'sweep.thread',
      message: 'A thread of the sweep ended: exit code 3.',
    });
    const empty = new URL('data:text/javascript,export const nothing = 1');
    expect(await sweep({ module: empty, grid: { bars: [1] }, workers: 1 })).toMatchObject([
      { failure: { code: 'sweep.module' } },
    ]);
    const reason = new Error('enough');
    await expect(sweep({ module, data, grid: { bars: [1] }, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(sweep({ module, grid: { bars: [1] }, workers: 0 })).rejects.toThrow(/at least one thread/);
  });
});
