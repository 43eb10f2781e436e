import { type DomainEvent, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { compareRuns } from './compare-runs.ts';
import type { AccountingTerms, CompareOptions } from './parity-report.ts';
import { renameVenues } from './rename-venues.ts';
import { renderParity } from './render-parity.ts';
import { changed, exampleDay, withPayload } from './testing/example-day.ts';

const day = exampleDay('a');
/** The same day at a venue of another name. */
const there = [...renameVenues(exampleDay('b'), { paper: 'hyperliquid' })];
const venues = { hyperliquid: 'paper' };
const accounting: AccountingTerms = { usd: '0.000001', ratio: '0.00000001', members: ['position.margin'] };
const fillOf = (journal: readonly DomainEvent[], members: object) =>
  changed(
    journal,
    'order.filled',
    withPayload(({ fill, order }) => ({ order, fill: { ...fill, ...members } })),
  );
const compare = (right: readonly DomainEvent[], options: CompareOptions = { venues, accounting }) =>
  compareRuns(day, right, options);

describe('a run at another venue', () => {
  it('default: the same desk agrees when it is said what its venue is called', () => {
    expect(compare(there)).toMatchObject({ same: true, roots: [], accounting: [] });
    expect(compare(there, {}).roots.map(({ subject }) => subject)).toContain('decision');
  });

  it('behavior: market data keeps the venue that it is of', () => {
    const [bar] = day.filter(({ type }) => type === 'candle.closed');
    if (bar === undefined) throw new Error('There is no bar.');
    const named = { ...bar, payload: { ...bar.payload, venue: 'paper' } } as DomainEvent;
    expect([...renameVenues([named], { paper: 'hyperliquid' })]).toEqual([named]);
  });

  it('behavior: venues are renamed wherever they stand, and nothing else is', () => {
    const event = {
      type: 'risk.decided',
      payload: { venue: 'toString', steps: [{ before: { venues: ['paper', 'okx'] }, note: 'paper' }] },
    } as unknown as DomainEvent;
    expect([...renameVenues([event], { paper: 'hyperliquid' })][0]?.payload).toEqual({
      ...{ venue: 'toString', steps: [{ before: { venues: ['hyperliquid', 'okx'] }, note: 'paper' }] },
    });
  });

  it('default: an amount that is rounded is told in other terms, is no root, and counts as the same', () => {
    const report = compare(fillOf(there, { fee: toUsd('2.500001') }));
    expect(report).toMatchObject({ same: false, roots: [], unexplained: 0, counts: { fill: { same: 4 } } });
    expect(report.accounting).toMatchObject([{ subject: 'fill', path: 'fee', cause: 'accounting' }]);
    expect(renderParity(report)).toMatch(/No difference but how the venues reckon \(fill 1\)\.$/);
  });

  it('behavior: one unit more than the stated rounding is a difference', () => {
    const report = compare(fillOf(there, { fee: toUsd('2.500002') }));
    expect(report.accounting).toEqual([]);
    expect(report.roots).toMatchObject([{ subject: 'fill', path: 'fee' }]);
  });

  it('behavior: prices and sizes of orders and fills have to be the same to the digit', () => {
    for (const members of [{ price: toPrice('60000.0000001') }, { size: toSize('0.1000000001') }])
      expect(compare(fillOf(there, members)).roots).toHaveLength(1);
  });

  it('behavior: other decimals may differ by the stated part of them, and texts by their numbers alone', () => {
    const decided = (members: object) =>
      changed(
        there,
        'risk.decided',
        withPayload((payload) => ({
          ...payload,
          steps: payload.steps.map((step, index) => (index === 1 ? { ...step, ...members } : step)),
        })),
      );
    expect(compare(decided({ before: { size: '0.2000000001' } })).accounting).toMatchObject([{ subject: 'decision' }]);
    expect(compare(decided({ before: { size: '0.20000001' } })).roots).toMatchObject([{ subject: 'decision' }]);
    const worded = (note: string) => decided({ note });
    const left = worded('Up to 12.5 is allowed.');
    const ofText = (note: string) => compareRuns(left, worded(note), { accounting });
    expect(ofText('Up to 12.500000001 is allowed.')).toMatchObject({
      roots: [],
      accounting: [{ subject: 'decision' }],
    });
    expect(ofText('Up to 12.6 is allowed.').roots).toHaveLength(1);
    expect(ofText('At most 12.5 is allowed.').roots).toHaveLength(1);
  });

  it('behavior: what is told in other terms may differ by any amount, and hides nothing beside it', () => {
    const held = (members: object) =>
      changed(
        there,
        'position.opened',
        withPayload(() => members),
      );
    expect(compare(held({ margin: toUsd(950) }))).toMatchObject({ roots: [], accounting: [{ path: 'margin' }] });
    const wrong = compare(held({ margin: toUsd(950), size: toSize('0.2') }));
    expect(wrong.accounting).toEqual([]);
    expect(wrong.roots).toMatchObject([{ subject: 'position', path: 'size', cause: 'unknown' }]);
  });

  it('behavior: nothing follows from what is only told in other terms', () => {
    const right = fillOf(
      changed(
        there,
        'trade.settled',
        withPayload(() => ({ realizedPnl: toUsd(-80) })),
      ),
      {
        feeRate: toRate('0.0000416666'),
      },
    );
    const report = compare(right, { venues, accounting: { ...accounting, members: ['fill.feeRate'] } });
    expect(report.accounting).toMatchObject([{ subject: 'fill' }]);
    expect(report.roots).toMatchObject([{ subject: 'settlement', cause: 'unknown', consequences: [] }]);
  });
});
