import type { Clock } from '@perpdesk/core';
import { jsonAnswer, refused, tooManyRequests, type WireAnswer } from '../wire/wire-answer.ts';
import type { Fault } from './fault-rule.ts';

/** How an answer leaves: whole, twice, cut in the middle, or not at all. */
export interface Delivery {
  readonly answer: WireAnswer;
  readonly manner: 'whole' | 'twice' | 'reset-mid-body' | 'never';
}

const badGateway: WireAnswer = {
  status: 502,
  body: '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>',
  contentType: 'text/plain',
};
const garbage: WireAnswer = {
  status: 200,
  body: '{"status":"ok","respon\u0000\ufffd<!',
  contentType: 'application/json',
};
const whole = (answer: WireAnswer): Delivery => ({ answer, manner: 'whole' });

/** Answers a request through the faults that strike it, waiting on the exchange's clock where they delay. */
export async function faultyAnswer(
  faults: readonly Fault[],
  clock: Clock,
  accept: () => WireAnswer,
): Promise<Delivery> {
  const latency = faults.find((fault) => fault.kind === 'latency');
  if (latency !== undefined) await passed(clock, latency.delayMs);
  const fault = faults.find((candidate) => candidate.kind !== 'latency');
  switch (fault?.kind) {
    case undefined:
    case 'latency':
      return whole(accept());
    case 'drop-before-accept':
      return { answer: jsonAnswer(null), manner: 'never' };
    case 'server-error-before-accept':
      return whole(badGateway);
    case 'rate-limited':
      return whole(tooManyRequests);
    case 'halted':
    case 'rejected':
      return whole(refused(fault.message));
    case 'drop-after-accept':
      return { answer: accept(), manner: 'never' };
    case 'server-error-after-accept':
      accept();
      return whole(badGateway);
    case 'garbage-body':
      accept();
      return whole(garbage);
    case 'reset-mid-body':
      return { answer: accept(), manner: 'reset-mid-body' };
    case 'duplicate-answer':
      return { answer: accept(), manner: 'twice' };
    case 'late': {
      const answer = accept();
      await passed(clock, fault.delayMs);
      return whole(answer);
    }
  }
}

const passed = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.setTimer(delayMs, resolve));
