import { describe, expect, it } from 'vitest';
import { helpText, parseOptions } from './options.ts';

/** What a mistake is answered with. */
function refusal(...args: readonly string[]): string {
  try {
    parseOptions(args);
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigError', code: 'flags.invalid' });
    return error instanceof Error ? error.message : '';
  }
  return 'none';
}

describe('parseOptions', () => {
  it('default: live market data where there is any, for an intermediate user on auto-bounded', () => {
    expect(parseOptions([])).toEqual({
      source: 'auto',
      venues: ['hyperliquid', 'binance', 'aster', 'coinbase', 'lighter'],
      speed: 60,
      seed: 'perpdesk',
      headless: false,
      exitAtEnd: false,
      port: 4780,
      tier: 'intermediate',
      autonomy: 'auto-bounded',
      rearm: false,
    });
  });

  it('behavior: every flag is taken', () => {
    const args =
      '--replay DIR --from 2025-07-22 --to 2025-07-22T08:30:15.250+02:00 --symbols btc,ETH-PERP,BTC --speed max --seed s ' +
      '--headless --exit-at-end --report r.json --port 0 --data-dir d --tier advanced --autonomy monitor --rearm ' +
      '--replay-models e';
    expect(parseOptions(args.split(' '))).toEqual({
      source: 'replay',
      venues: ['hyperliquid', 'binance', 'aster', 'coinbase', 'lighter'],
      replayDirectory: 'DIR',
      fromMs: Date.UTC(2025, 6, 22),
      toMs: Date.UTC(2025, 6, 22, 6, 30, 15, 250),
      symbols: ['BTC', 'ETH'],
      speed: 'max',
      seed: 's',
      headless: true,
      exitAtEnd: true,
      reportFile: 'r.json',
      port: 0,
      dataDirectory: 'd',
      modelsDirectory: 'e',
      tier: 'advanced',
      autonomy: 'monitor',
      rearm: true,
    });
    expect(parseOptions(['--help'])).toBeUndefined();
    expect(parseOptions(['-h', '--port', '1'])).toBeUndefined();
  });

  it.each([
    [[], 'auto'],
    [['--symbols', 'BTC'], 'auto'],
    [['--venues', 'okx'], 'auto'],
    [['--replay', 'x'], 'replay'],
    [['--speed', '10'], 'simulated'],
    [['--seed', 'x'], 'simulated'],
    [['--to', '2026-01-05'], 'simulated'],
    [['--source', 'live'], 'live'],
  ])('behavior: %j is %s', (args, source) => {
    expect(parseOptions(args)?.source).toBe(source);
  });

  it('behavior: venues in the order named, each once', () => {
    expect(parseOptions(['--venues', 'OKX, binance,okx'])?.venues).toEqual(['okx', 'binance']);
  });

  it('behavior: an instant is UTC wherever it says nothing else', () => {
    const to = (value: string) => parseOptions(['--to', value])?.toMs;
    expect(to('2025-07-22T08:30')).toBe(Date.UTC(2025, 6, 22, 8, 30));
    expect(to('2025-07-22 08:30')).toBe(Date.UTC(2025, 6, 22, 8, 30));
    expect(to('2025-07-22T08:30Z')).toBe(Date.UTC(2025, 6, 22, 8, 30));
    expect(to('1753142400000')).toBe(1_753_142_400_000);
  });

  it('behavior: help names every flag', () => {
    for (const flag of 'source venues replay from to symbols speed seed headless exit-at-end report port data-dir tier autonomy rearm replay-models help'.split(
      ' ',
    ))
      expect(helpText).toMatch(new RegExp(`^  --${flag}\\b.*\\S$`, 'm'));
  });

  it.each([
    [['--sorce', 'live'], "Unknown option '--sorce'. See --help."],
    [['-x'], "Unknown option '-x'. See --help."],
    [['simulated'], "Unexpected argument 'simulated'. See --help."],
    [['--headless=yes'], "Option '--headless' does not take an argument. See --help."],
    [['--port'], "Option '--port <value>' argument missing. See --help."],
    [['--speed', '-1'], "Option '--speed' argument is ambiguous. See --help."],
    [['--port', ''], '--port needs a value. See --help.'],
    [['--report', ' '], '--report needs a value. See --help.'],
    [['--port', 'http'], '--port takes a port from 0 to 65535, not "http".'],
    [['--port', '65536'], '--port takes a port from 0 to 65535, not "65536".'],
    [['--port', '80.5'], '--port takes a port from 0 to 65535, not "80.5".'],
    [['--speed', '0'], '--speed takes a positive number or max, not "0".'],
    [['--speed', 'fast'], '--speed takes a positive number or max, not "fast".'],
    [['--speed', 'Infinity'], '--speed takes a positive number or max, not "Infinity".'],
    [['--source', 'paper'], '--source takes live, replay, simulated, not "paper".'],
    [['--source', 'replay'], '--source replay needs --replay DIR.'],
    [['--source', 'live', '--replay', 'x'], '--replay goes with --source replay, not live.'],
    [['--source', 'live', '--speed', '2'], '--speed does not go with live market data.'],
    [['--source', 'live', '--replay-models', 'd'], '--replay-models does not go with live market data.'],
    [['--source', 'simulated', '--venues', 'okx'], '--venues goes with --source live, not simulated.'],
    [['--venues', 'ftx'], '--venues takes hyperliquid, binance, aster, coinbase, lighter, bybit, okx, not "ftx".'],
    [['--tier', 'expert'], '--tier takes beginner, intermediate, advanced, not "expert".'],
    [['--autonomy', 'auto'], '--autonomy takes monitor, suggest, auto-bounded, full-auto, not "auto".'],
    [['--symbols', 'BTC,,ETH'], '--symbols takes symbols such as BTC,ETH; "" is none.'],
    [['--symbols', '../x'], '--symbols takes symbols such as BTC,ETH; "../X" is none.'],
    [['--from', '2025-07-22'], '--from goes with a replay; a simulation goes on from where it stood.'],
    [['--to', 'tomorrow'], '--to takes an instant such as 2025-07-22T08:00Z, not "tomorrow".'],
    [['--to', '2025-02-30'], '--to takes an instant such as 2025-07-22T08:00Z, not "2025-02-30".'],
    [['--to', '2025-07-22T25:00'], '--to takes an instant such as 2025-07-22T08:00Z, not "2025-07-22T25:00".'],
    [['--replay', 'x', '--from', '2025-07-22', '--to', '2025-07-22'], '--from must be before --to.'],
  ])('error: %j', (args, message) => {
    expect(refusal(...args)).toBe(message);
  });
});
