import { type Meter, type MeterProvider, metrics } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryEventBus } from '../bus/memory-event-bus.ts';
import { testClock, testIds } from '../testing/test-ids.ts';
import { DeskInstruments } from './desk-instruments.ts';
import { EventBusInstruments } from './event-bus-instruments.ts';
import { tracer } from './telemetry.ts';

describe('telemetry', () => {
  const records: unknown[][] = [];
  beforeEach(() => {
    records.length = 0;
    // What an SDK does, as far as instruments go.
    const note = (name: string) => (value: number, attributes: unknown) => void records.push([name, value, attributes]);
    const noop = metrics.getMeter('none');
    const meterOf = (scope: string): Meter =>
      Object.assign(Object.create(noop), {
        createCounter: (name: string) => ({ add: note(`${scope} ${name}`) }),
        createHistogram: (name: string) => ({ record: note(`${scope} ${name}`) }),
      });
    const provider: MeterProvider = { getMeter: meterOf };
    metrics.setGlobalMeterProvider(provider);
  });
  afterEach(() => metrics.disable());

  it('default: a bus counts what is published, handled, failed and given up, by group and type', async () => {
    const clock = testClock();
    let elapsedMs = 0;
    const bus = new MemoryEventBus({
      clock,
      ids: testIds(),
      retry: { attempts: 2, delayMs: 10 },
      instruments: new EventBusInstruments({ stopwatch: () => (elapsedMs += 5) }),
    });
    bus.subscribe({ group: 'good', types: ['service.failed'] }, () => {});
    bus.subscribe({ group: 'bad', types: ['service.failed'] }, async () => {
      throw new Error('no');
    });
    await bus.publish({ type: 'service.failed', key: 'luma', payload: { service: 'luma', message: 'gone' } });
    await clock.advanceBy(1_000);
    const scope = '@perpdesk/event-bus perpdesk.events';
    const bad = { group: 'bad', type: 'service.failed' };
    expect(records).toEqual([
      [`${scope}.published`, 1, { type: 'service.failed' }],
      [`${scope}.handled`, 1, { group: 'good', type: 'service.failed' }],
      [`${scope}.handler.duration`, 5, { group: 'good', type: 'service.failed' }],
      [`${scope}.failed`, 1, bad],
      [`${scope}.failed`, 1, bad],
      [`${scope}.published`, 1, { type: 'listener.failed' }],
      [`${scope}.dead_lettered`, 1, bad],
    ]);
  });

  it('default: a desk counts the services that failed', () => {
    new DeskInstruments().failed('luma');
    expect(records).toEqual([['@perpdesk/desk perpdesk.services.failed', 1, { service: 'luma' }]]);
  });

  it('behavior: without an SDK nothing happens', () => {
    metrics.disable();
    new DeskInstruments().failed('luma');
    tracer('desk').startActiveSpan('x', (span) => span.end());
    expect(records).toEqual([]);
  });
});
