import type { ModelLedger } from '@perpdesk/agents';
import type { ModelSpending } from '@perpdesk/core/api';

const nothing = { calls: 0, failedCalls: 0, inputTokens: 0, outputTokens: 0, usd: 0, modelMs: 0 } as const;

/** What models cost on a UTC day, by the ledger; nothing where no model is asked. @throws StoreError */
export async function modelSpend(ledger: Pick<ModelLedger, 'spent'> | undefined, atMs: number): Promise<ModelSpending> {
  const day = new Date(atMs).toISOString().slice(0, 10);
  return { day, ...(ledger === undefined ? nothing : await ledger.spent({ day })) };
}
