import type { Candle, Instrument, MarketObservation, MarketSource, MarketStep } from '@perpdesk/core';

interface Script {
  readonly instruments: readonly Instrument[];
  readonly history?: readonly (readonly Candle[])[];
  readonly background?: readonly (readonly MarketObservation[])[];
  readonly steps: Iterable<MarketStep>;
}

/** A source that says what a test wrote down. */
export class ScriptedSource implements MarketSource {
  readonly name = 'scripted';
  readonly #script: Script;
  /** Steps that were asked for. */
  asked = 0;
  /** True once the reader said it wants no more. */
  ended = false;

  constructor(script: Script) {
    this.#script = script;
  }

  async instruments(): Promise<readonly Instrument[]> {
    return this.#script.instruments;
  }

  async *history(): AsyncGenerator<readonly Candle[]> {
    yield* this.#script.history ?? [];
  }

  async *background(): AsyncGenerator<readonly MarketObservation[]> {
    yield* this.#script.background ?? [];
  }

  async *steps(): AsyncGenerator<MarketStep> {
    try {
      for (const step of this.#script.steps) {
        this.asked += 1;
        yield step;
      }
    } finally {
      this.ended = true;
    }
  }
}

/** One step per minute with the bar of each series that closes then. */
export function stepsOf(candles: readonly Candle[]): MarketStep[] {
  const byTime = new Map<number, MarketObservation[]>();
  for (const candle of [...candles].sort((a, b) => a.openAtMs - b.openAtMs)) {
    const atMs = candle.openAtMs + 60_000;
    byTime.set(atMs, [...(byTime.get(atMs) ?? []), { kind: 'candle', candle }]);
  }
  return [...byTime].map(([atMs, observations]) => ({ atMs, observations }));
}
