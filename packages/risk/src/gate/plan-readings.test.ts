import { describe, expect, it } from 'vitest';
import { MemoryRiskStateStore } from '../state/memory-risk-state-store.ts';
import type { RiskChange } from '../state/risk-state-store.ts';
import { FakeDesk, recommendationFor } from '../testing/fake-desk.ts';
import { aPosition, noonMs } from '../testing/fixtures.ts';

/** Gives states last first: no order is relied on. */
class Backwards extends MemoryRiskStateStore {
  override async load(userIds: readonly string[]) {
    return (await super.load(userIds)).toReversed();
  }
}

/** Another process that takes the first user of every commit, so often. */
class Contended extends MemoryRiskStateStore {
  left = 2;
  override async commit(changes: readonly RiskChange[], options = {}) {
    const [first] = changes;
    if (this.left > 0 && first !== undefined) {
      this.left -= 1;
      const { memory } = (await this.load([first.userId]))[0] ?? {};
      if (memory !== undefined)
        await super.commit([{ userId: first.userId, expectedVersion: first.expectedVersion, memory }]);
    }
    return super.commit(changes, options);
  }
}

function deskOfThree(): FakeDesk {
  const desk = new FakeDesk(['BTC', 'ETH']);
  for (const id of ['ada', 'bob', 'cleo']) {
    desk.add({ id });
    desk.positions.set(id, [aPosition({ userId: id })]);
  }
  return desk;
}

describe('PlanReadings', () => {
  it('default: a venue, its instruments and opinions are asked for once, not once for each user', async () => {
    const desk = deskOfThree();
    const { venues } = desk.options();
    const asked = { unhealthy: 0, instruments: 0, opinions: 0 };
    const brix = desk.brix({
      venues: (name) => {
        const venue = venues(name);
        return (
          venue && {
            ...venue,
            unhealthy: () => {
              asked.unhealthy += 1;
              return undefined;
            },
            instruments: () => {
              asked.instruments += 1;
              return desk.instruments;
            },
          }
        );
      },
      opinions: () => {
        asked.opinions += 1;
        return [];
      },
    });
    const decisions = await brix.filter(recommendationFor('BTC'));
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['signal', 'signal', 'signal']);
    // The instruments for the plan's listing, and for the fees of what is held.
    expect(asked).toEqual({ unhealthy: 1, instruments: 2, opinions: 1 });
  });

  it('behavior: the next plan is decided on what the desk says then', async () => {
    const desk = deskOfThree();
    const brix = desk.brix();
    await brix.filter(recommendationFor('BTC', 1));
    desk.prices.clear();
    const decisions = await brix.filter(recommendationFor('ETH', 2, { expiresAtMs: noonMs + 1000 }));
    expect(decisions.map((decision) => decision.outcome === 'rejected' && decision.rejection.code)).toEqual(
      decisions.map(() => 'market-data.missing'),
    );
  });

  it('behavior: each is decided on with the state that is his, in whatever order a store gives them', async () => {
    const desk = deskOfThree();
    desk.add({ id: 'dan' }, 50_000);
    const [one, other] = [new MemoryRiskStateStore(), new Backwards()];
    const expected = await desk.brix({ store: one }).filter(recommendationFor('BTC'));
    expect(await desk.brix({ store: other }).filter(recommendationFor('BTC'))).toEqual(expected);
    // What is pending of the first plan differs between them.
    desk.positions.clear();
    const again = recommendationFor('ETH', 2);
    expect(await desk.brix({ store: other }).filter(again)).toEqual(await desk.brix({ store: one }).filter(again));
  });

  it('behavior: one whose state changed meanwhile is decided on again, the others are not', async () => {
    const desk = deskOfThree();
    const store = new Contended();
    const decisions = await desk.brix({ store }).filter(recommendationFor('BTC'));
    expect(decisions.map(({ userId, outcome }) => `${userId} ${outcome}`)).toEqual([
      'ada signal',
      'bob signal',
      'cleo signal',
    ]);
    expect(store.left).toBe(0);
    // Twice by the other process, once by the decision.
    expect((await store.load(['ada', 'bob'])).map(({ version }) => version)).toEqual([3, 1]);
  });
});
