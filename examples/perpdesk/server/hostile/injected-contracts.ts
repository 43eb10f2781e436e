import type {
  PredictionBook,
  PredictionContract,
  PredictionHeadline,
  PredictionNews,
  PredictionPage,
  PredictionSource,
} from '@perpdesk/core';

/** A prediction market whose one contract, and the news about it, say what somebody wants said. */
export class InjectedContracts implements PredictionSource, PredictionNews {
  readonly venue = 'kalshi';
  /** What is injected. */
  text = '';
  readonly #nowMs: () => number;

  constructor(options: { readonly nowMs: () => number }) {
    this.#nowMs = options.nowMs;
  }

  async resolve(): Promise<PredictionContract> {
    const { text } = this;
    const half = Math.floor(text.length / 2);
    return {
      ...{ id: 'kalshi:KXINJ-26DEC-T1', venue: 'kalshi', slug: 'KXINJ-26DEC-T1', question: text.slice(0, 1_000) },
      ...{ category: text.slice(0, 100), rules: text.slice(0, 4_000), open: true },
      labels: { yes: text.slice(0, Math.min(half, 100)), no: text.slice(half).slice(0, 100) },
      ...{ event: 'KXINJ-26DEC', series: 'KXINJ', closesAtMs: this.#nowMs() + 864_000_000, volume24h: 12_000 },
    };
  }

  async search(): Promise<PredictionPage> {
    return { contracts: [await this.resolve()], refused: 0 };
  }

  async fetchBook({ id }: PredictionContract): Promise<PredictionBook> {
    const atMs = this.#nowMs();
    return { contractId: id, bids: [[0.39, 20_000]], asks: [[0.41, 20_000]], exchangeAtMs: atMs, receivedAtMs: atMs };
  }

  async headlines(): Promise<readonly PredictionHeadline[]> {
    const publishedAtMs = this.#nowMs() - 3_600_000;
    return [{ title: this.text, publisher: this.text.slice(0, 100), publishedAtMs }];
  }

  async fetchTrades(): Promise<readonly []> {
    return [];
  }

  watch(): () => void {
    return () => {};
  }

  async close(): Promise<void> {}
}
