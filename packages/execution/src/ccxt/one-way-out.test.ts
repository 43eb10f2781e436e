import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const packages = fileURLToPath(new URL('../../..', import.meta.url));
const sources = readdirSync(packages, { recursive: true, encoding: 'utf8' })
  .filter((path) => /^[a-z-]+\/src\/.*\.tsx?$/.test(path.replaceAll('\\', '/')))
  .filter((path) => !/node_modules|\/testing\/|\.test(-d)?\.tsx?$/.test(path))
  .map((path) => ({
    path: relative('.', path).replaceAll('\\', '/'),
    text: readFileSync(join(packages, path), 'utf8'),
  }));
const where = (pattern: RegExp): readonly string[] =>
  sources
    .filter(({ text }) => pattern.test(text))
    .map(({ path }) => path)
    .sort();

/** Orders leave by one module: a second way would be one past what compares them with their authorisation. */
describe('the source', () => {
  it('behavior: no module calls ccxt’s own ways of making and changing orders', () => {
    expect(sources.length).toBeGreaterThan(300);
    expect(
      where(/\.(createOrders?|editOrders?|createLimitOrder|createMarketOrder|createOrderWs|editOrderWs)\s*\(/),
    ).toEqual([]);
  });

  it('behavior: one module acts on a live venue', () => {
    expect(where(/\bclient\.act\(/)).toEqual(['execution/src/ccxt/venue-wire.ts']);
  });

  it('behavior: one module opens a client that may act, and one package loads ccxt', () => {
    expect(where(/orders:\s*true/)).toEqual(['execution/src/ccxt/ccxt-venue.ts']);
    expect(where(/(from|import\()\s*'ccxt'/).filter((path) => !path.startsWith('core/src/ccxt/'))).toEqual([]);
  });
});
