import { describe, expect, it } from 'vitest';
import { parseOptions } from '../options.ts';

const error = (...args: string[]): string => {
  try {
    parseOptions(args);
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return 'none';
};

describe('--parity and --record', () => {
  it('default: a run again goes as fast as it can, without a page', () => {
    expect(parseOptions(['--parity', 'desk', '--report', 'p.json'])).toMatchObject({
      ...{ parityDirectory: 'desk', reportFile: 'p.json', source: 'replay', speed: 'max', headless: true },
    });
    expect(parseOptions(['--parity', 'desk', '--speed', '100'])).toMatchObject({ speed: 100 });
  });

  it('default: a run is recorded only when asked for', () => {
    expect(parseOptions(['--source', 'simulated'])).not.toHaveProperty('record');
    expect(parseOptions(['--source', 'live', '--record'])).toMatchObject({ source: 'live', record: true });
  });

  it('error: what would make it another run, and a recording that would go with its folder', () => {
    expect(error('--parity', 'desk', '--tier', 'advanced')).toBe(
      '--tier does not go with --parity, which repeats a run as it was.',
    );
    expect(error('--record', '--replay', 'files')).toBe(
      '--record with a replay needs a --data-dir: its own is temporary.',
    );
  });
});
