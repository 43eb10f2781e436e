import { SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

function failing(): { readonly breaker: CircuitBreaker; readonly clock: SimulatedClock } {
  const clock = new SimulatedClock();
  const breaker = new CircuitBreaker({ clock });
  for (let i = 0; i < 5; i += 1) breaker.record(false);
  return { breaker, clock };
}

describe('CircuitBreaker', () => {
  it('default: opens after five failures of the last ten', () => {
    const breaker = new CircuitBreaker({ clock: new SimulatedClock() });
    for (const succeeded of [false, false, true, false, true, false, true]) breaker.record(succeeded);
    expect(breaker.allow()).toBe(true);
    breaker.record(false);
    expect(breaker.state).toBe('open');
    expect(breaker.allow()).toBe(false);
  });

  it('behavior: old failures are forgotten', () => {
    const breaker = new CircuitBreaker({ clock: new SimulatedClock() });
    for (let i = 0; i < 4; i += 1) breaker.record(false);
    for (let i = 0; i < 10; i += 1) breaker.record(true);
    breaker.record(false);
    expect(breaker.state).toBe('closed');
  });

  it('behavior: lets one probe through after the cool-down, which closes it', async () => {
    const { breaker, clock } = failing();
    await clock.advanceBy(60_000);
    expect([breaker.allow(), breaker.allow()]).toEqual([true, false]);
    breaker.record(true);
    expect(breaker.state).toBe('closed');
  });

  it('behavior: a failed probe opens it anew', async () => {
    const { breaker, clock } = failing();
    await clock.advanceBy(60_000);
    breaker.allow();
    breaker.record(false);
    await clock.advanceBy(59_999);
    expect(breaker.allow()).toBe(false);
    await clock.advanceBy(1);
    expect(breaker.allow()).toBe(true);
  });

  it('behavior: a call from before it opened says nothing when it comes in late', () => {
    const { breaker } = failing();
    breaker.record(true);
    expect(breaker.state).toBe('open');
  });

  it('behavior: a probe that was given up leaves room for another', async () => {
    const { breaker, clock } = failing();
    await clock.advanceBy(60_000);
    breaker.allow();
    breaker.forget();
    expect([breaker.allow(), breaker.state]).toEqual([true, 'half-open']);
  });
});
