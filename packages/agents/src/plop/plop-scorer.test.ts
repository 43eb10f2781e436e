import { VenueError } from '@perpdesk/core';
import { StaticPredictionHistory, testClock, testDatabases, testStartAtMs } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { exampleBus, published } from '../testing/desk.ts';
import { PlopCalibration } from './calibration.ts';
import { PlopScorer } from './plop-scorer.ts';
import { MemoryPlopStore } from './store/memory-plop-store.ts';
import type { PlopStore } from './store/plop-store.ts';
import { SqlPlopStore } from './store/sql-plop-store.ts';
import { exampleAssessment } from './testing/example-assessment.ts';
import { ExampleSource, exampleContract } from './testing/example-contract.ts';

const hourMs = 3_600_000;
const contract = exampleContract({ closesAtMs: testStartAtMs + hourMs });
const assessment = exampleAssessment({ event: 'KXRAIN-26DEC06', closesAtMs: contract.closesAtMs });

async function scoring(store: PlopStore = new MemoryPlopStore()) {
  const clock = testClock();
  const eventBus = exampleBus(clock);
  const source = new ExampleSource('kalshi', [contract]);
  const history = new StaticPredictionHistory({ clock });
  const calibration = new PlopCalibration({ store, history });
  const scorer = new PlopScorer({ store, calibration, sources: [source], eventBus, clock, history });
  await scorer.start();
  const assess = () =>
    eventBus.publish({ id: assessment.id, type: 'prediction.assessed', key: contract.id, payload: assessment });
  return { clock, eventBus, source, history, calibration, scorer, store, assess };
}

describe('PlopScorer', () => {
  it('default: a contract that is resolved is scored beside the market, and taught', async () => {
    const { clock, eventBus, source, history, calibration, scorer, assess } = await scoring();
    await assess();
    await clock.advanceBy(2 * hourMs);
    expect(await published(eventBus, 'prediction.scored')).toEqual([]);
    source.add({ ...contract, open: false, resolution: 'yes' });
    await clock.advanceBy(hourMs);
    const [scored, another] = await published(eventBus, 'prediction.scored');
    expect(another).toBeUndefined();
    expect(scored).toMatchObject({
      id: `score:${assessment.id}`,
      key: contract.id,
      payload: {
        assessmentId: assessment.id,
        outcome: 'yes',
        probability: 0.5,
        mid: 0.4,
        brier: 0.25,
        marketBrier: expect.closeTo(0.36, 12),
        assessedAtMs: testStartAtMs,
      },
    });
    expect(calibration.poolOf('kalshi').outcomes).toBe(1);
    expect(await history.resolved({ venue: 'kalshi', series: 'KXRAIN' })).toHaveLength(1);
    expect(scorer.health()).toEqual({ status: 'healthy', detail: '1 assessments scored' });
    const asked = source.asked.length;
    await clock.advanceBy(48 * hourMs);
    expect(source.asked).toHaveLength(asked);
    await scorer.stop();
    expect(scorer.health()).toEqual({ status: 'stopped' });
  });

  it('behavior: one that is decided early is seen within half a day; a void one teaches nothing', async () => {
    const later = exampleContract();
    const { clock, eventBus, source, calibration, scorer } = await scoring();
    const open = exampleAssessment();
    await eventBus.publish({ id: open.id, type: 'prediction.assessed', key: open.contractId, payload: open });
    source.add({ ...later, resolution: 'void' });
    await clock.advanceBy(12 * hourMs + 600_000);
    const [scored] = await published(eventBus, 'prediction.scored');
    expect(scored?.payload).toMatchObject({ outcome: 'void' });
    expect(scored?.payload).not.toHaveProperty('brier');
    expect(calibration.poolOf('kalshi').outcomes).toBe(0);
    await scorer.stop();
  });

  it('error: a venue that is down is said and asked again, no oftener than every half an hour', async () => {
    const { clock, eventBus, source, scorer, assess } = await scoring();
    await assess();
    source.down = new VenueError('venue.unreachable', 'kalshi did not answer');
    await clock.advanceBy(3 * hourMs);
    expect(source.asked.length).toBeLessThanOrEqual(5);
    source.down = undefined;
    source.add({ ...contract, resolution: 'no' });
    await clock.advanceBy(hourMs);
    expect(await published(eventBus, 'prediction.scored')).toHaveLength(1);
    await scorer.stop();
  });

  it('error: what fails is in the health', async () => {
    const { clock, source, scorer, assess } = await scoring();
    await assess();
    source.down = new VenueError('venue.unreachable', 'kalshi did not answer');
    await clock.advanceTo(testStartAtMs + hourMs + 1_000);
    expect(scorer.health()).toMatchObject({ status: 'degraded', detail: expect.stringContaining('did not answer') });
    await scorer.stop();
  });
});

describe.each(await testDatabases())('PlopScorer over a restart on $title', ({ available, make }) => {
  it.skipIf(!available)(
    'behavior: what waited is scored by the next process, and what was learnt is there at once',
    async () => {
      const files = await make();
      try {
        const first = await scoring(new SqlPlopStore({ database: await files.open() }));
        await first.assess();
        await first.clock.idle();
        await first.scorer.stop();
        const second = await scoring(new SqlPlopStore({ database: await files.open() }));
        expect(second.calibration.poolOf('kalshi').outcomes).toBe(0);
        second.source.add({ ...contract, resolution: 'no' });
        await second.clock.advanceBy(2 * hourMs);
        expect((await published(second.eventBus, 'prediction.scored')).map(({ payload }) => payload.outcome)).toEqual([
          'no',
        ]);
        await second.scorer.stop();
        const third = await scoring(new SqlPlopStore({ database: await files.open() }));
        expect(third.calibration.poolOf('kalshi').outcomes).toBe(1);
        await third.scorer.stop();
      } finally {
        await files.drop();
      }
    },
  );
});
