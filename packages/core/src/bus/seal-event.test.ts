import { describe, expect, it } from 'vitest';
import { testClock, testIds } from '../testing/test-ids.ts';
import { sealEvent } from './seal-event.ts';

const payload = { service: 'luma', message: 'gone' };

describe('sealEvent', () => {
  it('default: what is not given is made, what is missing stays out, and nothing can be changed', () => {
    const sealed = sealEvent({ type: 'service.failed', key: 'luma', payload }, { clock: testClock(), ids: testIds() });
    expect(Object.keys(sealed)).toEqual(['id', 'type', 'version', 'atMs', 'key', 'traceId', 'payload']);
    expect(sealed.id).toMatch(/^evt/);
    expect(sealed.traceId).toMatch(/^trc/);
    expect(sealed.version).toBe(1);
    expect(sealed.atMs).toBe(testClock().nowMs());
    expect(sealed.payload).toBe(payload);
    expect(Object.isFrozen(sealed)).toBe(true);
  });

  it('behavior: what is given is kept, members in the order they are written down in', () => {
    const given = {
      id: 'one',
      type: 'service.failed',
      key: 'luma',
      userId: 'ann',
      traceId: 'trace',
      causationId: 'cause',
      payload,
    } as const;
    const clock = testClock();
    expect(JSON.stringify(sealEvent(given, { clock, ids: testIds() }))).toBe(
      `{"id":"one","type":"service.failed","version":1,"atMs":${clock.nowMs()},"key":"luma","userId":"ann","traceId":"trace","causationId":"cause","payload":${JSON.stringify(payload)}}`,
    );
  });
});
