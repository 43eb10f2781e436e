import { type LanguageModel, type ModelAnswer, ModelError, type ModelFacts, type ModelRequest } from '@perpdesk/core';
import type * as z from 'zod';
import { askedTokens, mostSpending } from '../model/budget/most-spending.ts';
import { microUsd, microUsdOf, usdOfMicro } from '../model/price/cost.ts';

/** What was asked in a study, and what came of it. */
export interface StudyCounts {
  readonly questions: number;
  /** Answered by a model now, and from what was kept or recorded. */
  readonly asked: number;
  readonly kept: number;
  /** Without an answer: the rules answered. By the error's code. */
  readonly unanswered: Readonly<Record<string, number>>;
  /** Of what was asked now: as servers counted. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
  /** Of all questions, estimated from their texts: what they take in, asked once each, and the most they may cost, repairs included. */
  readonly estimatedInputTokens: number;
  readonly mostUsd: number;
}

const defaultMaxOutputTokens = 1_024;

/** Counts the questions of a study. */
export class StudyCounter {
  readonly #about: NonNullable<LanguageModel['about']>;
  readonly #unanswered = new Map<string, number>();
  #questions = 0;
  #asked = 0;
  #kept = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #microUsd = 0;
  #estimatedInputTokens = 0;
  #mostMicroUsd = 0;

  constructor(about: ModelFacts) {
    this.#about = about;
  }

  answered(request: ModelRequest<z.ZodType>, { kept = false, usage, costUsd }: ModelAnswer<unknown>): void {
    this.#count(request);
    if (kept) {
      this.#kept += 1;
      return;
    }
    this.#asked += 1;
    this.#take(usage, costUsd);
  }

  failed(request: ModelRequest<z.ZodType>, error: unknown): void {
    this.#count(request);
    const code = ModelError.is(error) ? error.code : 'model.unavailable';
    this.#unanswered.set(code, (this.#unanswered.get(code) ?? 0) + 1);
    if (ModelError.is(error) && error.usage !== undefined) this.#take(error.usage);
  }

  counts(): StudyCounts {
    return {
      ...{ questions: this.#questions, asked: this.#asked, kept: this.#kept },
      unanswered: Object.fromEntries(this.#unanswered),
      ...{ inputTokens: this.#inputTokens, outputTokens: this.#outputTokens, usd: usdOfMicro(this.#microUsd) },
      ...{ estimatedInputTokens: this.#estimatedInputTokens, mostUsd: usdOfMicro(this.#mostMicroUsd) },
    };
  }

  #count(request: ModelRequest<z.ZodType>): void {
    this.#questions += 1;
    this.#estimatedInputTokens += askedTokens(request);
    this.#mostMicroUsd += mostSpending(
      request,
      request.maxOutputTokens ?? defaultMaxOutputTokens,
      this.#about,
    ).microUsd;
  }

  #take(usage: ModelAnswer<unknown>['usage'], costUsd?: number): void {
    this.#inputTokens += usage.inputTokens;
    this.#outputTokens += usage.outputTokens;
    const { inputUsdPerMillion = 0, outputUsdPerMillion = 0 } = this.#about;
    this.#microUsd +=
      costUsd === undefined ? microUsdOf(usage, { inputUsdPerMillion, outputUsdPerMillion }) : microUsd(costUsd);
  }
}
