import type { PredictionAssessment } from '@perpdesk/core';
import { dayOf, type PlopOutcome, type PlopStore, type ScoredAssessment } from './plop-store.ts';

interface Row {
  readonly assessment: PredictionAssessment;
  askedAtMs: number;
  settled: { readonly outcome: PlopOutcome; readonly atMs: number; readonly sequence: number } | undefined;
}

/** Keeps assessments in this process: for a bot that embeds Plop, and for tests. */
export class MemoryPlopStore implements PlopStore {
  readonly #rows = new Map<string, Row>();
  #sequence = 0;

  async open(): Promise<void> {}

  async keep(assessment: PredictionAssessment): Promise<boolean> {
    const key = `${assessment.contractId}|${dayOf(assessment)}`;
    if (this.#rows.has(key)) return false;
    this.#rows.set(key, { assessment, askedAtMs: assessment.atMs, settled: undefined });
    return true;
  }

  async take({
    atMs,
    closedBeforeMs,
    openBeforeMs,
    givenUpBeforeMs,
    limit,
  }: Parameters<PlopStore['take']>[0]): Promise<string[]> {
    const due = new Map<string, number>();
    for (const { assessment, askedAtMs, settled } of this.#rows.values()) {
      if (settled !== undefined) continue;
      const { contractId, closesAtMs } = assessment;
      if (closesAtMs < givenUpBeforeMs) continue;
      if (askedAtMs < (closesAtMs <= atMs ? closedBeforeMs : openBeforeMs))
        due.set(contractId, Math.min(due.get(contractId) ?? askedAtMs, askedAtMs));
    }
    const ids = [...due]
      .sort(([a, aMs], [b, bMs]) => aMs - bMs || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([id]) => id);
    for (const row of this.#rows.values()) if (ids.includes(row.assessment.contractId)) row.askedAtMs = atMs;
    return ids;
  }

  async waiting(contractId: string): Promise<readonly PredictionAssessment[]> {
    return [...this.#rows.values()]
      .filter(({ assessment, settled }) => assessment.contractId === contractId && settled === undefined)
      .map(({ assessment }) => assessment)
      .sort((a, b) => a.atMs - b.atMs);
  }

  async settle(contractId: string, outcome: PlopOutcome, atMs: number): Promise<void> {
    for (const row of this.#rows.values()) {
      if (row.assessment.contractId !== contractId || row.settled !== undefined) continue;
      row.settled = { outcome, atMs, sequence: this.#sequence };
      this.#sequence += 1;
    }
  }

  async settled({ venue, limit }: Parameters<PlopStore['settled']>[0]): Promise<readonly ScoredAssessment[]> {
    return [...this.#rows.values()]
      .flatMap(({ assessment, settled }) =>
        settled !== undefined && settled.outcome !== 'void' && assessment.venue === venue
          ? [{ assessment, outcome: settled.outcome, atMs: settled.atMs, sequence: settled.sequence }]
          : [],
      )
      .sort((a, b) => a.atMs - b.atMs || a.assessment.atMs - b.assessment.atMs || a.sequence - b.sequence)
      .slice(-limit)
      .map(({ assessment, outcome }) => ({ assessment, outcome }));
  }
}
