import {
  type AskedModel,
  type DecisionInputs,
  entrySettleMs,
  type Guidance,
  type Instrument,
  type ModelCallContext,
  PerpDeskError,
  type Signal,
} from '@perpdesk/core';
import { sha256Hex } from '@perpdesk/core/security';
import { jsonOf } from '../model/call/json-of.ts';
import type { EntrySettings, KodaModel } from './agent.ts';
import { type EntryCandidate, entryCandidates } from './candidates.ts';
import type { MarketConditions } from './features.ts';
import { chooseByModel } from './model-choice.ts';
import { kodaPrompt, kodaPromptVersion } from './prompt.ts';
import { kodaDefaults as defaults } from './settings.ts';
import { reasonNote, writeFacts } from './write-notes.ts';

/** All that guidance is made of, beside a model's answer. */
export interface GuidanceReading {
  readonly settings: EntrySettings;
  readonly atMs: number;
  readonly conditions: MarketConditions;
  /** Absent where the market does not know it. */
  readonly instrument?: Instrument;
}

/** Options of {@link modelGuidance}. */
export interface ModelGuidanceOptions {
  readonly signal?: AbortSignal;
  readonly context?: ModelCallContext;
  /** Called when the model could not be used and the rules answer: the error's code and message. */
  readonly onFallback?: (failure: { readonly code: string; readonly message: string }) => void;
  readonly onInputs?: (inputs: DecisionInputs) => void;
}

/** The rules' guidance. */
export function ruledGuidance(signal: Signal, reading: GuidanceReading): Guidance {
  const choice = candidatesOf(signal, reading);
  return guidanceOf(signal, reading, { entry: choice.ruled, notes: [reasonNote(choice.reason)], source: 'rules' });
}

/** The model's guidance where its answer can be used, else the rules'. Never rejects. */
export async function modelGuidance(
  signal: Signal,
  reading: GuidanceReading,
  thinking: KodaModel,
  options: ModelGuidanceOptions = {},
): Promise<Guidance> {
  let asked: AskedModel | undefined;
  try {
    const { candidate, notes } = await chooseByModel(thinking.model, candidatesOf(signal, reading).candidates, {
      signal,
      conditions: reading.conditions,
      clock: thinking.clock,
      timeoutMs: thinking.timeoutMs ?? defaults.modelTimeoutMs,
      context: { ...options.context, agent: 'koda', userId: signal.userId },
      onAsked: (told) => {
        asked = told;
      },
      ...(options.signal === undefined ? {} : { abort: options.signal }),
    });
    options.onInputs?.(guidanceInputs(reading, { asked }));
    return guidanceOf(signal, reading, { entry: candidate, notes, source: 'model' });
  } catch (error) {
    const { code, message } = PerpDeskError.is(error)
      ? error
      : { code: 'model.unavailable', message: 'The model failed.' };
    options.onInputs?.(guidanceInputs(reading, { asked, fellBack: { code, message } }));
    options.onFallback?.({ code, message });
    return ruledGuidance(signal, reading);
  }
}

const promptHash = sha256Hex(kodaPrompt);

/** What guidance was made of, as it is told to a journal. */
export const guidanceInputs = (
  reading: GuidanceReading,
  { asked, fellBack }: { readonly asked?: AskedModel | undefined; readonly fellBack?: DecisionInputs['fellBack'] } = {},
): DecisionInputs => ({
  method: { name: 'koda', promptVersion: kodaPromptVersion, promptHash },
  reading: jsonOf(reading),
  ...(asked === undefined ? {} : { asked }),
  ...(fellBack === undefined ? {} : { fellBack }),
});

const candidatesOf = (signal: Signal, { settings, instrument, conditions }: GuidanceReading) =>
  entryCandidates(signal, settings, { instrument, conditions });

/** Guidance around an entry: what it is by whom it was chosen, the rest is computed. */
function guidanceOf(
  signal: Signal,
  { settings, atMs, conditions }: GuidanceReading,
  {
    entry,
    notes,
    source,
  }: { readonly entry: EntryCandidate; readonly notes: readonly string[]; readonly source: Guidance['source'] },
): Guidance {
  const { style, legs, slippage } = entry;
  const expiresAfterMs = restingMs(Math.min(defaults.restMs[settings.aggression], signal.expiresAtMs - atMs));
  const facts = writeFacts({ signal, style, legs, slippage, expiresAfterMs, conditions });
  return {
    signalId: signal.id,
    userId: signal.userId,
    style,
    legs: [...legs],
    slippage,
    expiresAfterMs,
    notes: [...notes.slice(0, defaults.mostNotes - facts.length), ...facts],
    source,
  };
}

const minuteMs = 60_000;

/**
 * How long limits rest of the time there is: until it is all but over. It is rounded up to minutes: the fractions of a second that
 * it took to be guided are no part of a plan, and no entry outlives its signal.
 */
const restingMs = (ms: number): number =>
  Math.max(1, (ms < minuteMs ? ms : Math.ceil(ms / minuteMs) * minuteMs) - entrySettleMs);
