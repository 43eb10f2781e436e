import { type FeedChannel, type InstrumentId, type Logger, silentLogger } from '@perpdesk/core';
import { encodeControls } from '@perpdesk/core/security';

const longestSample = 300;

/** What was refused. */
export interface Refusal {
  readonly reason: string;
  readonly channel?: FeedChannel;
  readonly instrumentId?: InstrumentId;
  readonly frame: unknown;
}

/**
 * Counts what a venue sent that can not be right, by reason, and writes samples of it to the log: at most so many a minute,
 * shortened, and with control characters written out, because it is a stranger's text.
 */
export class Refusals {
  readonly #logger: Logger;
  readonly #samplesPerMinute: number;
  readonly #byReason = new Map<string, number>();
  #total = 0;
  #sampled = 0;
  #minute = Number.NaN;
  #sampledThisMinute = 0;

  constructor(options: { readonly logger?: Logger; readonly samplesPerMinute?: number } = {}) {
    this.#logger = options.logger ?? silentLogger;
    this.#samplesPerMinute = options.samplesPerMinute ?? 6;
  }

  add(refusal: Refusal, nowMs: number): void {
    this.#total += 1;
    this.#byReason.set(refusal.reason, (this.#byReason.get(refusal.reason) ?? 0) + 1);
    const minute = Math.floor(nowMs / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#sampledThisMinute = 0;
    }
    if (this.#sampledThisMinute >= this.#samplesPerMinute) return;
    this.#sampledThisMinute += 1;
    this.#sampled += 1;
    const { frame, ...said } = refusal;
    this.#logger.warn({ ...said, payload: sample(frame), refused: this.#total }, 'A payload was refused.');
  }

  get total(): number {
    return this.#total;
  }

  /** How many of them are in the log. */
  get sampled(): number {
    return this.#sampled;
  }

  byReason(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byReason);
  }
}

function sample(frame: unknown): string {
  let text: string;
  try {
    text = typeof frame === 'string' ? frame : (JSON.stringify(frame) ?? String(frame));
  } catch {
    text = 'a value that can not be written';
  }
  return encodeControls(text.slice(0, longestSample));
}
