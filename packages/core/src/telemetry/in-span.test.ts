import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelError } from '../errors/model-error.ts';
import { recordSpans } from '../testing/record-spans.ts';
import { inSpan } from './in-span.ts';
import { tracer } from './telemetry.ts';

describe('inSpan', () => {
  let recorded: ReturnType<typeof recordSpans>;
  beforeEach(() => {
    recorded = recordSpans();
  });
  afterEach(() => recorded.stop());
  const work = <Result>(name: string, act: () => Promise<Result>) => inSpan({ tracer: tracer('test'), name }, act);

  it('default: what is begun in it has it for a parent, also after a wait', async () => {
    const result = await work('outer', async () => {
      await Promise.resolve();
      return work('inner', async () => 7);
    });
    expect(result).toBe(7);
    expect(recorded.spans).toEqual([
      { name: 'inner', kind: 0, attributes: {}, status: 0, parent: 'outer' },
      { name: 'outer', kind: 0, attributes: {}, status: 0 },
    ]);
  });

  it('error: what is thrown passes, with its code and without its words', async () => {
    const failure = new ModelError('model.refused', 'It said: secret.');
    await expect(work('a', () => Promise.reject(failure))).rejects.toBe(failure);
    await expect(work('b', () => Promise.reject(new TypeError('secret')))).rejects.toThrow(TypeError);
    expect(recorded.spans.map(({ attributes, status }) => [attributes, status])).toEqual([
      [{ 'error.type': 'model.refused' }, 2],
      [{ 'error.type': 'TypeError' }, 2],
    ]);
    expect(JSON.stringify(recorded.spans)).not.toContain('secret');
  });

  it('behavior: without an SDK the work is done all the same', async () => {
    recorded.stop();
    expect(await work('outer', async () => 7)).toBe(7);
    expect(recorded.spans).toEqual([]);
  });
});
