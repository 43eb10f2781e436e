import { describe, expect, it } from 'vitest';
import { parseOptions } from '../options.ts';
import { executionNotice } from './execution-choice.ts';

const parse = (line: string) => parseOptions(line === '' ? [] : line.split(' '));

describe('where orders go', () => {
  it('default: to paper, and nothing else is said', () => {
    expect(parse('')).not.toHaveProperty('execution');
    expect(parse('--execution paper --source simulated')).not.toHaveProperty('execution');
  });

  it('behavior: venues by preference on their test nets, with their market data first and live', () => {
    const options = parse('--execution okx,Hyperliquid,okx');
    expect(options?.execution).toEqual({ venues: ['okx', 'hyperliquid'], network: 'testnet' });
    expect(options?.source).toBe('live');
    expect(options?.venues).toEqual(['okx', 'hyperliquid', 'binance', 'aster', 'coinbase', 'lighter']);
    expect(executionNotice({ venues: ['okx', 'hyperliquid'], network: 'testnet' })).toBe(
      'TEST NET: orders go to the test net of okx, then hyperliquid; no money in it is real.',
    );
  });

  it('behavior: real money is named twice before it moves', () => {
    expect(parse('--execution aster --network mainnet --real-money')?.execution).toEqual({
      ...{ venues: ['aster'], network: 'mainnet' },
    });
    expect(executionNotice({ venues: ['aster'], network: 'mainnet' })).toBe(
      'LIVE: orders go to aster and trade REAL MONEY.',
    );
  });

  it('behavior: keys are kept or forgotten for one venue and network', () => {
    expect(parse('--save-credentials bybit --data-dir d')).toMatchObject({
      ...{ credentials: { act: 'save', venue: 'bybit', network: 'testnet' }, dataDirectory: 'd' },
    });
    expect(parse('--forget-credentials aster --network mainnet')?.credentials).toEqual({
      ...{ act: 'forget', venue: 'aster', network: 'mainnet' },
    });
  });

  const refused: readonly (readonly [string, string])[] = [
    ['--execution hyperliquid --network mainnet', '--network mainnet trades with real money: say --real-money too'],
    ['--execution hyperliquid --real-money', '--real-money goes with --network mainnet'],
    ['--execution hyperliquid --network moon', '--network takes testnet, mainnet, not "moon"'],
    ['--network testnet', '--network goes with --execution on a venue, not on paper'],
    ['--execution paper --real-money', '--real-money goes with --execution on a venue'],
    ['--execution kraken', 'not "kraken"'],
    ['--execution paper,okx', 'not "paper" (paper is for whoever chose no venue)'],
    ['--execution coinbase', 'not "coinbase"'],
    ['--execution aster', 'aster has no test net'],
    ['--save-credentials aster', 'aster has no test net'],
    ['--execution okx --source simulated', '--execution on a venue goes with --source live, not simulated'],
    ['--execution okx --seed x', '--seed does not go with live market data'],
    ['--execution okx --replay d', 'goes with --source replay, not live'],
    ['--execution okx --venues binance', '--execution okx needs its market data'],
    ['--execution okx --record', '--record goes with --execution paper'],
    ['--save-credentials okx --forget-credentials okx', 'do not go together'],
  ];
  it.each(refused)('error: %s', (line, message) => {
    expect(() => parse(line)).toThrow(
      expect.objectContaining({ code: 'flags.invalid', message: expect.stringContaining(message) }),
    );
  });
});
