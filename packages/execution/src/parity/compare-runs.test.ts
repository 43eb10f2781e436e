import { type DomainEvent, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRuns } from './compare-runs.ts';
import { compareWays } from './compare-ways.ts';
import type { Difference, ParityReport } from './parity-report.ts';
import { renderParity } from './render-parity.ts';
import { changed, exampleDay, exampleStartMs, withPayload } from './testing/example-day.ts';

const day = exampleDay('a');
/** The same day with other ids. */
const again = exampleDay('b');

/** The roots in a form that reads well. */
const found = ({ roots }: ParityReport): readonly string[] =>
  roots.map(({ cause, subject, kind, path }) => [cause, subject, kind, path].join(' '));
const followers = ({ roots }: ParityReport): readonly string[] =>
  roots.flatMap(({ consequences }) => consequences.map(({ subject, kind }) => `${subject} ${kind}`));

const barId = 'bar BTC-PERP@hyperliquid:5m';
const minuteMs = 60_000;

/** What a divergent first opinion leads to, when a bar was another. */
const otherFeatures = (journal: readonly DomainEvent[]): readonly DomainEvent[] =>
  changed(
    changed(
      journal,
      'opinion.published',
      withPayload(() => ({ score: 55, evidence: [{ feature: 'rsi', value: 64 }] })),
    ),
    'turn.completed',
    withPayload(({ turn }) => ({ turn: { ...turn, evidence: [{ feature: 'rsi', value: 64 }] } })),
  );

describe('compareRuns', () => {
  it('default: two runs of one day agree, whatever ids they made', () => {
    const report = compareRuns(day, again);
    expect(report).toMatchObject({ same: true, roots: [], causes: {}, unexplained: 0, fillsWithinLatency: 0 });
    expect(report.counts).toMatchObject({
      bar: { left: 8, right: 8, paired: 8, same: 8 },
      order: { left: 8, paired: 8, same: 8 },
      fill: { left: 4, paired: 4, same: 4 },
    });
    expect(renderParity(report)).toMatch(/fill +4 +4 +4\n[\s\S]*\nNo difference\.$/);
  });

  it('behavior: another price in one bar is the root of the longer bar, the opinion and the turn', () => {
    const close = withPayload<'candle.closed'>(() => ({ high: 60_300 }));
    // The second bar of the first round, and the 15m bar that it is a part of.
    const right = otherFeatures(changed(changed(again, 'candle.closed', close, 1), 'candle.closed', close, 3));
    const report = compareRuns(day, right);
    expect(found(report)).toEqual(['market-data bar differs high']);
    expect(`bar ${report.roots[0]?.id}`).toBe(`${barId}:${exampleStartMs + 10 * minuteMs}`);
    expect(report.roots[0]).toMatchObject({ left: 60_100, right: 60_300 });
    expect(followers(report)).toEqual(['bar differs', 'opinion differs', 'turn differs']);
    expect(report.roots[0]?.consequences.map(({ cause }) => cause)).toEqual(Array(3).fill('market-data'));
    expect(report.unexplained).toBe(0);
  });

  it('behavior: a gap is the root of the bars and the round that it cost', () => {
    const gap: DomainEvent = {
      ...{ id: 'gap', type: 'feed.gapped', version: 1, key: 'BTC-PERP@hyperliquid:1m', traceId: 'gap' },
      atMs: exampleStartMs + 15 * minuteMs,
      payload: {
        ...{ instrumentId: 'BTC-PERP@hyperliquid', timeframe: '1m', missing: 2 },
        ...{ fromMs: exampleStartMs + 11 * minuteMs, toMs: exampleStartMs + 13 * minuteMs },
      },
    };
    const first = exampleStartMs + 15 * minuteMs;
    const without = again.filter(({ atMs }) => atMs < first || atMs > first + 15 * minuteMs);
    const report = compareRuns(day, [gap, ...without]);
    expect(found(report)).toEqual(['market-data gap missing-left ']);
    expect(followers(report)).toEqual(
      expect.arrayContaining(['bar missing-right', 'round missing-right', 'fill missing-right']),
    );
  });

  it('behavior: a bar that came late is market data', () => {
    const right = changed(again, 'candle.closed', (event) => ({ ...event, atMs: event.atMs + 1_500 }), 2);
    expect(found(compareRuns(day, right))).toEqual(['market-data bar differs event.atMs']);
    expect(compareRuns(day, right).roots[0]?.detail).toBe('A bar came late.');
    expect(compareRuns(day, right, { toleranceMs: 1_500 }).same).toBe(true);
  });

  it('behavior: what was in flight when a run was ended is not compared', () => {
    const untilMs = exampleStartMs + 46 * minuteMs;
    const right = again.filter(({ atMs }) => atMs <= untilMs);
    expect(compareRuns(day, right).same).toBe(false);
    const report = compareRuns(day, right, { untilMs });
    expect(report).toMatchObject({ same: true, counts: { fill: { left: 3, right: 3, same: 3 } } });
  });

  it('behavior: lost market data that a recording tells of is a root, and what it cost follows', () => {
    const lost = { fromMs: exampleStartMs + 11 * minuteMs, toMs: exampleStartMs + 13 * minuteMs };
    const right = changed(again, 'candle.closed', () => undefined, 2);
    const report = compareRuns(day, right, {
      disturbances: [
        { side: 'right', instrumentIds: ['BTC-PERP@hyperliquid'], ...lost, reason: 'a block does not check' },
      ],
    });
    expect(found(report)).toEqual(['market-data feed missing-right ']);
    expect(followers(report)).toEqual(['bar missing-right']);
  });

  it.each([
    ['another feature over the same bars', 'feature opinion differs evidence[0].value', otherFeatures(again)],
    [
      'a model in place of rules',
      'opinion opinion differs reasoning',
      changed(
        again,
        'opinion.published',
        withPayload(() => ({ source: 'model', reasoning: 'Up.' })),
      ),
    ],
    [
      'another text',
      'opinion turn differs turn.reasoning',
      changed(
        again,
        'turn.completed',
        withPayload(({ turn }) => ({ turn: { ...turn, reasoning: 'Up.' } })),
      ),
    ],
    [
      'another weight',
      'consensus conclusion differs consensus.confidence',
      changed(
        again,
        'round.concluded',
        withPayload(({ consensus }) => ({ consensus: { ...consensus, confidence: 0.6 } })),
      ),
    ],
    [
      'another limit',
      'risk-input decision differs steps[1].after.limit',
      changed(
        again,
        'risk.decided',
        withPayload(({ steps }) => ({ steps: [steps[0], { ...steps[1], after: { size: '0.1', limit: '7000' } }] })),
      ),
    ],
    [
      'another entry plan',
      'entry-plan guidance differs legs[0].price',
      changed(
        again,
        'guidance.published',
        withPayload(({ guidance }) => ({
          guidance: { ...guidance, legs: [{ ...guidance.legs[0], price: toPrice(59_990) }] },
        })),
      ),
    ],
    [
      'an entry of another price',
      'entry-plan order differs price',
      changed(
        again,
        'order.submitted',
        withPayload(() => ({ price: toPrice(59_990) })),
      ),
    ],
    [
      'another fill price',
      'fill-price fill differs price',
      changed(
        again,
        'order.filled',
        withPayload(({ fill }) => ({ fill: { ...fill, price: toPrice(60_001) } })),
      ),
    ],
    [
      'another funding rate',
      'funding funding differs rate',
      changed(
        again,
        'funding.paid',
        withPayload(() => ({ rate: toRate('0.0002') })),
      ),
    ],
    ['a declined approval', 'user-action approval missing-right ', changed(again, 'signal.approved', () => undefined)],
    [
      'a position of the same fills that is another',
      'unknown position differs leverage',
      changed(
        again,
        'position.opened',
        withPayload(() => ({ leverage: 5 })),
      ),
    ],
  ])('behavior: %s is named', (_what, expected, right) => {
    const report = compareRuns(day, right);
    expect(found(report)).toEqual([expected]);
    expect(report.unexplained).toBe(expected.startsWith('unknown') ? 1 : 0);
  });

  it('behavior: what a decision leads to follows from it', () => {
    const size = toSize('0.05');
    let right = changed(
      again,
      'risk.decided',
      withPayload(({ steps }) => ({ steps: [steps[0], { ...steps[1], after: { size: '0.05', limit: '3000' } }] })),
    );
    right = changed(
      right,
      'signal.issued',
      withPayload(() => ({ size })),
    );
    right = changed(
      right,
      'order.submitted',
      withPayload(() => ({ size })),
    );
    right = changed(
      right,
      'order.filled',
      withPayload(({ fill }) => ({ fill: { ...fill, size } })),
    );
    right = changed(
      right,
      'position.opened',
      withPayload(() => ({ size })),
    );
    const report = compareRuns(day, right);
    expect(found(report)).toEqual(['risk-input decision differs steps[1].after.limit']);
    expect(report.roots[0]?.detail).toBe('Brix was given something else at its step "tier-limits".');
    expect(followers(report)).toEqual(['signal differs', 'order differs', 'fill differs', 'position differs']);
  });

  it('behavior: a fill in two parts is one of size, which the second part follows from', () => {
    const part = (size: string) =>
      withPayload<'order.filled'>(({ fill }) => ({ fill: { ...fill, size: toSize(size) } }));
    const right = again.flatMap((event, index) =>
      event.type === 'order.filled' && index === again.findIndex(({ type }) => type === 'order.filled')
        ? [part('0.06')(event), { ...part('0.04')(event), id: 'second' }]
        : [event],
    );
    const report = compareRuns(day, right);
    expect(found(report)).toEqual(['fill-size fill differs size']);
    expect(followers(report)).toEqual(['fill missing-left']);
  });

  describe('the stated latency', () => {
    const delayed = (ms: number, price: number) =>
      changed(again, 'order.filled', (event) => ({
        ...event,
        atMs: event.atMs + ms,
        payload: {
          ...event.payload,
          fill: { ...event.payload.fill, atMs: event.payload.fill.atMs + ms, price: toPrice(price) },
        },
      }));
    const latency = { ms: 250, price: '0.001' };

    it('default: a fill within it is marked, and nothing is unexplained', () => {
      const report = compareRuns(day, delayed(250, 60_060), { latency });
      expect(report).toMatchObject({ same: false, fillsWithinLatency: 1, unexplained: 0, causes: { timing: 1 } });
      expect(report.roots[0]).toMatchObject({ subject: 'fill', latency: 'within' });
    });

    it.each([
      ['later', 251, 60_060],
      ['further from its price', 250, 60_061],
    ])('behavior: one that is %s is beyond, and unexplained', (_how, ms, price) => {
      const report = compareRuns(day, delayed(ms, price), { latency });
      expect(report).toMatchObject({ fillsWithinLatency: 0, unexplained: 1 });
      expect(report.roots[0]).toMatchObject({ subject: 'fill', latency: 'beyond' });
    });

    it('behavior: a maker may wait longer where queues are seen otherwise, a taker may not', () => {
      const restingMs = 60_000;
      const made = (ms: number, liquidity: 'maker' | 'taker', journal = delayed(ms, 60_000)) =>
        journal.map((event) =>
          event.type === 'order.filled'
            ? { ...event, payload: { ...event.payload, fill: { ...event.payload.fill, liquidity } } }
            : event,
        );
      const latencyAt = (ms: number, liquidity: 'maker' | 'taker') =>
        compareRuns(made(0, liquidity, day), made(ms, liquidity), { latency: { ...latency, restingMs } }).roots.map(
          (root) => root.latency,
        );
      expect(latencyAt(60_000, 'maker')).toEqual(['within']);
      expect(latencyAt(60_001, 'maker')).toEqual(['beyond']);
      expect(latencyAt(251, 'taker')).toEqual(['beyond']);
    });

    it('behavior: an order that was accepted late is the root of its late fill', () => {
      const right = changed(delayed(200, 60_000), 'order.accepted', (event) => ({ ...event, atMs: event.atMs + 200 }));
      const report = compareRuns(day, right, { latency });
      expect(found(report)).toEqual(['timing order differs event.atMs']);
      expect(report.roots[0]?.consequences).toMatchObject([{ subject: 'fill', latency: 'within', cause: 'timing' }]);
    });
  });

  it('behavior: an account is how it stood last: what changed one side later comes before that', () => {
    const [paid] = day.filter(({ type }) => type === 'funding.paid');
    const told = (atMs: number, equity: number) =>
      ({
        id: `account ${atMs}`,
        type: 'account.changed',
        key: 'alice',
        traceId: 't',
        version: 1,
        atMs,
        payload: { userId: 'alice', venue: 'paper', equity },
      }) as unknown as DomainEvent;
    const beforeMs = (paid?.atMs ?? 0) - 1_000;
    const right = changed(again, 'funding.paid', () => undefined);
    const left = [...day, told(beforeMs, 10_000), told((paid?.atMs ?? 0) + 1, 9_999.4)];
    const report = compareRuns(left, [...right, told(beforeMs, 10_000)]);
    expect(report.roots[0]).toMatchObject({ subject: 'funding', cause: 'funding' });
    expect(report.roots[0]?.consequences).toContainEqual(expect.objectContaining({ subject: 'account' }));
  });

  it('behavior: at which mark a position was last read before it closed is not compared, how it ended is', () => {
    const read = withPayload<'position.closed'>(({ position }) => ({
      position: { ...position, markPrice: toPrice(61_000), unrealizedPnl: toUsd(-7) },
    }));
    expect(compareRuns(day, changed(again, 'position.closed', read)).roots).toEqual([]);
    const ended = withPayload<'position.closed'>(() => ({ exitPrice: toPrice(61_000) }));
    expect(found(compareRuns(day, changed(again, 'position.closed', ended)))).toEqual([
      'unknown position differs exitPrice',
    ]);
  });

  it('behavior: a close by hand is the root of its fill and of the position it ended', () => {
    const at = day.findIndex(({ type }) => type === 'funding.paid');
    const atMs = (day[at]?.atMs ?? 0) - 1_000;
    const order = day.find((event) => event.type === 'order.submitted')?.payload as object;
    const exit = {
      ...order,
      clientOrderId: 'exit',
      purpose: 'exit',
      origin: 'manual',
      type: 'market',
      side: 'sell',
      signalId: undefined,
    };
    const event = (type: string, payload: object) =>
      ({ id: `x${type}`, type, version: 1, key: 'alice', traceId: 'trc_1', atMs, payload }) as DomainEvent;
    const right = [
      ...again.slice(0, at),
      event('order.submitted', exit),
      event('order.filled', { order: exit, fill: { ...exit, price: '60020', fee: '2', atMs } }),
      ...changed(
        again.slice(at),
        'position.closed',
        withPayload(() => ({ reason: 'manual', exitPrice: toPrice(60_020) })),
      ),
    ];
    const report = compareRuns(day, right);
    expect(found(report)).toEqual(['user-action order missing-left ']);
    expect(followers(report)).toEqual(['fill missing-left', 'position differs']);
  });

  it.each(['user:alice', 'operator'])(
    'behavior: a halt of %s is the root of the decisions that it changed',
    (scope) => {
      const halted = {
        ...{ id: 'halt', type: 'trading-state.changed', version: 1, key: scope, traceId: 'trc_2' },
        atMs: exampleStartMs + 40 * minuteMs,
        payload: { scope, state: 'halted', reason: 'enough' },
      } as DomainEvent;
      const second = again.findIndex(({ type, atMs }) => type === 'risk.decided' && atMs > halted.atMs);
      const right = [...again.slice(0, second), halted, ...again.slice(second).filter(({ key }) => key !== 'alice')];
      const report = compareRuns(day, right);
      expect(found(report)).toEqual(['user-action trading-state missing-left ']);
      expect(followers(report)).toEqual(expect.arrayContaining(['decision missing-right', 'fill missing-right']));
    },
  );

  it('behavior: what an event says it was caused by is followed before anything else', () => {
    const right = [
      ...changed(
        again,
        'round.concluded',
        withPayload(({ consensus }) => ({ consensus: { ...consensus, base: 0.6 } })),
      ),
      {
        ...{ id: 'failed', type: 'service.failed', version: 1, key: 'scribe', traceId: 'trc_3' },
        causationId: again.find(({ type }) => type === 'round.concluded')?.id,
        atMs: exampleStartMs + 16 * minuteMs,
        payload: { service: 'scribe', message: 'No room.' },
      } as DomainEvent,
    ];
    const report = compareRuns(day, right);
    expect(found(report)).toEqual(['consensus conclusion differs consensus.base']);
    expect(followers(report)).toEqual(['failure missing-left']);
  });

  it('behavior: a lost answer is a fault, and what became of the order follows', () => {
    const accepted = again.findIndex(({ type }) => type === 'order.accepted');
    const right = again.map((event, index) =>
      index === accepted ? ({ ...event, type: 'order.unresolved' } as DomainEvent) : event,
    );
    const report = compareRuns(day, right);
    expect(report.causes).toEqual({ fault: 1 });
    expect(report.roots.flatMap(({ consequences }) => consequences).map(({ subject }) => subject)).toContain('order');
  });

  it('behavior: a handler that failed is the fault that what is missing on its trace follows from', () => {
    const signal = again.find((event) => event.type === 'signal.issued');
    const failed = {
      ...{
        id: 'failed',
        type: 'listener.failed',
        version: 1,
        key: 'koda',
        traceId: signal?.traceId,
        atMs: signal?.atMs,
      },
      payload: { group: 'koda', eventId: signal?.id, eventType: 'signal.issued', message: 'No.', attempts: 5 },
    } as DomainEvent;
    const at = again.findIndex(({ type }) => type === 'guidance.published');
    const report = compareRuns(day, [...again.slice(0, at), failed, ...again.slice(at + 1)]);
    expect(found(report)).toEqual(['fault failure missing-left ']);
    expect(followers(report)).toEqual(['guidance missing-right']);
  });

  it('behavior: pure and the same from both sides; against itself empty', () => {
    const mirrored = { 'missing-left': 'missing-right', 'missing-right': 'missing-left', differs: 'differs' } as const;
    const side = ({ kind, subject, id, path, left, right, cause }: Difference) => ({
      kind,
      subject,
      id,
      path,
      left,
      right,
      cause,
    });
    const turned = (difference: Difference) => {
      const { kind, left, right, ...rest } = side(difference);
      return { ...rest, kind: mirrored[kind], left: right, right: left };
    };
    const mutation = fc.record({
      at: fc.nat(day.length - 1),
      act: fc.constantFrom('drop', 'delay', 'double', 'change'),
      by: fc.nat(1000),
    });
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 6 }), (mutations) => {
        const right = mutations.reduce<readonly DomainEvent[]>(mutate, again);
        expect(compareRuns(right, right).same).toBe(true);
        const there = compareRuns(day, right);
        const back = compareRuns(right, day);
        expect(back.roots.map(side)).toEqual(there.roots.map(turned));
        expect(back.roots.map(({ consequences }) => consequences.map(side))).toEqual(
          there.roots.map(({ consequences }) => consequences.map(turned)),
        );
        const told = there.roots.reduce((sum, { consequences }) => sum + 1 + consequences.length, 0);
        const differing = Object.values(there.counts).reduce(
          (sum, { left, right, paired, same }) => sum + left + right - paired - same,
          0,
        );
        expect(told).toBe(differing);
      }),
      { numRuns: 200 },
    );
  });
});

function mutate(
  journal: readonly DomainEvent[],
  { at, act, by }: { readonly at: number; readonly act: string; readonly by: number },
) {
  const event = journal[at % journal.length];
  if (event === undefined) return journal;
  if (act === 'drop') return journal.toSpliced(at % journal.length, 1);
  if (act === 'delay') return journal.with(at % journal.length, { ...event, atMs: event.atMs + by });
  if (act === 'double') return journal.toSpliced(at % journal.length, 0, { ...event, id: `${event.id}x` });
  const changedPayload = { ...event.payload, mark: by };
  return journal.with(at % journal.length, { ...event, payload: changedPayload } as unknown as DomainEvent);
}

describe('compareWays', () => {
  it('default: each way against the first, with a latency of its own', () => {
    const late = changed(again, 'order.filled', (event) => ({ ...event, atMs: event.atMs + 80 }));
    const ways = compareWays([
      { name: 'backtest', journal: day },
      { name: 'replay', journal: again },
      { name: 'sockets', journal: late, options: { latency: { ms: 100 } } },
    ]);
    expect(
      ways.map(({ name, against, same, unexplained, fillsWithinLatency }) => ({
        name,
        against,
        same,
        unexplained,
        fillsWithinLatency,
      })),
    ).toEqual([
      { name: 'replay', against: 'backtest', same: true, unexplained: 0, fillsWithinLatency: 0 },
      { name: 'sockets', against: 'backtest', same: false, unexplained: 0, fillsWithinLatency: 1 },
    ]);
  });
});
