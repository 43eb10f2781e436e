import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../events/envelope.ts';
import { deriveClientOrderId } from './derive-client-order-id.ts';
import { EventDigest } from './event-digest.ts';
import { sha256Hex } from './sha256.ts';

const event = (key: string, atMs: number, id = 'id'): DomainEvent<'service.failed'> => ({
  id,
  type: 'service.failed',
  version: 1,
  atMs,
  key,
  traceId: `trace-${id}`,
  payload: { service: key, message: `at ${atMs}` },
});

const digestOf = (events: readonly DomainEvent[]): string => {
  const digest = new EventDigest();
  for (const one of events) digest.add(one);
  return digest.digest();
};

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('EventDigest', () => {
  it('default: by hand', () => {
    const link = (at: number) =>
      `{"atMs":${at},"key":"a","payload":{"message":"at ${at}","service":"a"},"type":"service.failed","version":1}`;
    const chain = sha(`${sha(`\n${link(1)}`)}\n${link(2)}`);
    expect(digestOf([event('a', 1), event('a', 2)])).toBe(sha(`[["a","${chain}"]]`));
    expect(new EventDigest().digest()).toBe(sha('[]'));
  });

  it('behavior: ids and traces stay outside, everything else counts', () => {
    const base = [event('a', 1), event('b', 2)];
    expect(digestOf([event('a', 1, 'x'), event('b', 2, 'y')])).toBe(digestOf(base));
    expect(digestOf([event('a', 1), event('b', 3)])).not.toBe(digestOf(base));
    expect(digestOf([event('a', 1), event('c', 2)])).not.toBe(digestOf(base));
    expect(digestOf([event('a', 1)])).not.toBe(digestOf(base));
    expect(digestOf([event('__proto__', 1)])).not.toBe(digestOf([]));
  });

  it('behavior: a chain goes over the UTF-8 of each event, however long or foreign its words are', () => {
    const message = `${'weit '.repeat(5_000)}über 世界 "\n"`;
    const long = { ...event('schlüssel', 3), payload: { service: 's', message } };
    const link = `{"atMs":3,"key":"schlüssel","payload":{"message":${JSON.stringify(message)},"service":"s"},"type":"service.failed","version":1}`;
    expect(digestOf([long])).toBe(sha(`[["schlüssel","${sha(`\n${link}`)}"]]`));
  });

  it('error: an event that is not JSON is refused and leaves nothing behind', () => {
    const digest = new EventDigest();
    digest.add(event('a', 1));
    const payload = { service: 'a', message: 'x', list: [{ worth: Number.NaN }] };
    for (let time = 0; time < 2; time += 1)
      expect(() => digest.add({ ...event('a', 2), payload })).toThrow(expect.objectContaining({ code: 'json.unsafe' }));
    expect(digest.events).toBe(1);
    digest.add(event('a', 2));
    expect(digest.digest()).toBe(digestOf([event('a', 1), event('a', 2)]));
  });

  it('behavior: the interleaving of keys does not count, the order within a key does', () => {
    const events = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(20)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(events, (list) => {
        const made = list.map(([key, atMs]) => event(key, atMs));
        const grouped = ['c', 'a', 'b'].flatMap((key) => made.filter((one) => one.key === key));
        expect(digestOf(grouped)).toBe(digestOf(made));
        const reversed = [...made].reverse();
        const sameOrder = ['a', 'b', 'c'].every(
          (key) =>
            JSON.stringify(made.filter((one) => one.key === key)) ===
            JSON.stringify(reversed.filter((one) => one.key === key)),
        );
        expect(digestOf(reversed) === digestOf(made)).toBe(sameOrder);
      }),
      { numRuns: 300, seed: 91 },
    );
  });
});

describe('deriveClientOrderId', () => {
  it('default: 32 hexadecimal digits, the same each time, framed', () => {
    expect(deriveClientOrderId('trade:1', 'entry-0')).toBe(sha('["trade:1","entry-0"]').slice(0, 32));
    expect(deriveClientOrderId('trade:1', 'entry-0')).toMatch(/^[0-9a-f]{32}$/);
    expect(deriveClientOrderId('ab', 'c')).not.toBe(deriveClientOrderId('a', 'bc'));
  });
});

describe('sha256Hex', () => {
  it('default: the vector of FIPS 180-4', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
