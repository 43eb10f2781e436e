import type { Clock, Random } from '@perpdesk/core';
import type { HttpTransport, SocketOpener } from '@perpdesk/core/ccxt';
import type { HyperliquidSimulator } from '../../simulator/hyperliquid-simulator.ts';
import { between } from './duplicate-case.ts';

/** Options of {@link MemoryWires}. */
export interface MemoryWiresOptions {
  readonly exchange: HyperliquidSimulator;
  readonly clock: Clock;
  readonly random: Random;
}

const never = new Promise<never>(() => {});

/**
 * What one process reaches the exchange by, in memory and on the exchange's clock. When the process is killed, what has left
 * still arrives; nothing comes back, and nothing leaves any more.
 */
export class MemoryWires {
  readonly #options: MemoryWiresOptions;
  readonly #endings = new Set<() => void>();
  #alive = true;

  constructor(options: MemoryWiresOptions) {
    this.#options = options;
  }

  readonly transport: HttpTransport = async ({ url, method, headers, body }, signal) => {
    if (!this.#alive) return never;
    // What lists the markets is asked before time goes on.
    const takesTime = !body.includes('metaAndAssetCtxs') && !body.includes('spotMeta') && !body.includes('perpDexs');
    if (takesTime) await this.#travel();
    const request = { method, headers, body, signal: this.#alive ? signal : new AbortController().signal };
    try {
      const answer = await this.#options.exchange.fetch(url, request);
      const text = await answer.text();
      if (takesTime) await this.#travel();
      if (!this.#alive) return never;
      signal.throwIfAborted();
      return { status: answer.status, text };
    } catch (error) {
      if (!this.#alive) return never;
      throw error;
    }
  };

  readonly openSocket: SocketOpener = (_url, events) => {
    const { clock, exchange } = this.#options;
    let open = true;
    const later = (act: () => void): void => {
      clock.setTimer(this.#travelMs(), () => {
        if (open && this.#alive) act();
      });
    };
    let session: ReturnType<HyperliquidSimulator['connect']>;
    const end = (): void => {
      if (!open) return;
      open = false;
      this.#endings.delete(end);
      session?.ended();
      events.closed(1006);
    };
    this.#endings.add(end);
    let dueMs = 0;
    later(() => {
      events.open();
      session = exchange.connect({
        // Messages stay in their order.
        send: (text) => {
          dueMs = Math.max(dueMs, clock.nowMs() + this.#travelMs());
          clock.setTimer(dueMs - clock.nowMs(), () => {
            if (open && this.#alive) events.message(text);
          });
        },
        close: end,
        terminate: end,
      });
    });
    return { send: (text) => later(() => session?.receive(text)), close: end };
  };

  /** The process ends here and now. */
  kill(): void {
    this.#alive = false;
    for (const end of [...this.#endings]) end();
  }

  #travel(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.setTimer(this.#travelMs(), resolve);
    });
  }

  #travelMs(): number {
    return between(this.#options.random, 2, 60);
  }
}
