import { readFileSync } from 'node:fs';
import { type Autonomy, type PolicyOutcome, type TradingSwitch, toSize, toUsd, type User } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { KillSwitch } from '../controls/kill-switch.ts';
import { TradingDesk } from '../testing/trading-desk.ts';
import { exampleGuidance, exampleSignal, limitLeg } from './example-signal.ts';

// The whole table of levels and answers, on the real workflow with the real engine on SQLite; docs/approvals.md shows it.

const signalId = exampleSignal().id;
const levels: readonly Autonomy[] = ['monitor', 'suggest', 'auto-bounded', 'full-auto'];
const inside = { maxNotional: toUsd(6000), minConfidence: 0.7, maxTradesPerDay: 3 };
/** The desk's day is at noon UTC. */
const quiet = (otherwise: PolicyOutcome): Partial<User> => ({
  policies: { quietHours: { windows: [{ from: '11:00', to: '13:00' }], otherwise } },
});

const users: readonly (readonly [string, Partial<User>])[] = [
  ...levels.map((autonomy) => [autonomy, { autonomy, bounds: inside }] as const),
  ['auto-bounded, beyond a bound', { autonomy: 'auto-bounded', bounds: { ...inside, maxNotional: toUsd(5999) } }],
  ['full-auto, `riven` on suggest', { autonomy: 'full-auto', agentAutonomy: { riven: 'suggest' } }],
  ...(['ask', 'decline'] as const).flatMap((otherwise) =>
    levels.map(
      (autonomy) => [`${autonomy}, policy: ${otherwise}`, { autonomy, bounds: inside, ...quiet(otherwise) }] as const,
    ),
  ),
];

/** An answer that nobody waits for is refused to who gives it, and changes nothing. */
const unless = async (answer: Promise<unknown>): Promise<void> => {
  await answer.catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'approval.unknown') throw error;
  });
};
const hashOf = async (desk: TradingDesk): Promise<string> =>
  (await desk.trades.fetchApprovals('alice'))[0]?.contentHash ?? '0'.repeat(64);
const approve = async (desk: TradingDesk): Promise<void> => {
  await unless(desk.trades.approve('alice', signalId, await hashOf(desk)));
};

const acts: Readonly<Record<string, (desk: TradingDesk) => Promise<void>>> = {
  approve,
  'edit, approve': async (desk) => {
    await unless(desk.trades.edit('alice', signalId, await hashOf(desk), { size: toSize('0.06') }));
    await approve(desk);
  },
  reject: (desk) => unless(desk.trades.decline('alice', signalId, 'No.')),
  'no answer': async (desk) => desk.wallClock.advanceBy(900_000),
  'drift, approve': async (desk) => {
    await desk.price(60_251);
    await approve(desk);
  },
  'kill switch, approve': async (desk) => {
    let halted = false;
    const tradingSwitch: TradingSwitch = {
      state: () => (halted ? 'halted' : 'active'),
      set: async () => {
        halted = true;
      },
    };
    desk.gate.refuse = ({ purpose }) =>
      purpose === 'entry' && halted ? { code: 'trading.halted', message: 'Halted.' } : undefined;
    const { closer, orderDesk, portfolio: accounts } = desk;
    await new KillSwitch({ tradingSwitch, accounts, orderDesk, closer }).trip('user:alice', 'test', ['alice']);
    await approve(desk);
  },
};

/** What became of a signal, by the venue and the journal. */
async function outcome(user: Partial<User>, act: (desk: TradingDesk) => Promise<void>): Promise<string> {
  const desk = await TradingDesk.run({ user });
  try {
    await desk.guide({}, exampleGuidance([limitLeg(59_990, '0.5'), limitLeg(59_900, '0.5')]));
    await act(desk);
    await desk.clock.idle();
    const sent = (await desk.events('order.submitted')).map(({ payload }) => payload);
    const resting = await desk.paper.fetchOpenOrders('alice');
    const verdicts = await desk.events('signal.approved', 'signal.declined');
    expect(verdicts).toHaveLength(1);
    expect(await desk.trades.fetchApprovals('alice')).toEqual([]);
    const refusals = (await desk.events('order.refused')).map(({ payload }) => payload.rejection.code);
    const code = verdicts[0]?.type === 'signal.declined' ? verdicts[0].payload.rejection.code : refusals[0];
    const by = verdicts[0]?.type === 'signal.approved' ? verdicts[0].payload.by : undefined;
    // Nothing fills: at the end of its time the trade is over, whatever it was, and holds nothing.
    await desk.pass(610_000, 60_251);
    expect(await desk.paper.fetchOpenOrders('alice')).toEqual([]);
    expect((await desk.events('trade.settled')).map(({ payload }) => payload.outcome)).toEqual(['not-entered']);
    expect(desk.gate.released.at(-1)).toEqual({ signalId, remaining: undefined });
    expect((await desk.events('order.submitted')).length).toBe(sent.length);
    expect((await desk.engine.get(`trade:${signalId}`))?.status).toBe('succeeded');
    expect(desk.errors).toEqual([]);
    if (sent.length === 0) return `nothing: \`${code}\``;
    expect(new Set(sent.map(({ purpose }) => purpose))).toEqual(new Set(['entry']));
    const sizes = sent.map(({ size }) => size).join(' + ');
    return `${by === 'user' ? 'approved' : 'at once'}: ${sizes}${resting.length === 0 ? ', cancelled' : ''}`;
  } finally {
    await desk.stop();
  }
}

const head = ['autonomy', ...Object.keys(acts)];

describe('the table of approvals', () => {
  it.each(users)('behavior: %s', { timeout: 30_000 }, async (title, user) => {
    const cells: string[] = [];
    for (const act of Object.values(acts)) cells.push(await outcome(user, act));
    const page = readFileSync(new URL('../../../../docs/approvals.md', import.meta.url), 'utf8');
    expect(page.replaceAll(/ +/g, ' ')).toContain(`| ${[title, ...cells].join(' | ')} |`);
  });

  it('default: has these columns', () => {
    const page = readFileSync(new URL('../../../../docs/approvals.md', import.meta.url), 'utf8');
    expect(page.replaceAll(/ +/g, ' ')).toContain(`| ${head.join(' | ')} |`);
  });
});
