import type { LanguageModel } from '@perpdesk/core';

/** How a model's training lies to the window of a backtest. */
export interface CutoffComparison {
  /** `whole` and `partly`: so much of the window the model may remember. `unknown`: its cutoff is. */
  readonly overlap: 'none' | 'partly' | 'whole' | 'unknown';
  /** The share of the window that lies in its training. */
  readonly share?: number;
  /** One plain sentence. */
  readonly text: string;
}

const dayMs = 86_400_000;

/**
 * Compares a window with the last day that a model has read of. What a model says of days it has read of may be remembered and not
 * predicted: results on them say nothing about the future.
 */
export function compareCutoff(
  { name, about = {} }: Pick<LanguageModel, 'name' | 'about'>,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): CutoffComparison {
  const { knowledgeCutoff } = about;
  const window = `${day(fromMs)} to ${day(toMs)}`;
  if (knowledgeCutoff === undefined)
    return {
      overlap: 'unknown',
      text: `OVERLAP UNKNOWN: ${name} does not say up to when it has read; it may remember ${window}.`,
    };
  const readUntilMs = Date.parse(`${knowledgeCutoff}T00:00:00Z`) + dayMs;
  const share =
    toMs > fromMs ? Math.min(1, Math.max(0, (readUntilMs - fromMs) / (toMs - fromMs))) : Number(readUntilMs > fromMs);
  const read = `${name} has read up to ${knowledgeCutoff}`;
  if (share === 0) return { overlap: 'none', share, text: `${read}, before the window ${window}.` };
  const part = share === 1 ? 'all' : `${Math.round(share * 1000) / 10} %`;
  return {
    overlap: share === 1 ? 'whole' : 'partly',
    share,
    text: `OVERLAP: ${read}, ${part} of the window ${window}: what it says there may be remembered, not predicted.`,
  };
}

const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
