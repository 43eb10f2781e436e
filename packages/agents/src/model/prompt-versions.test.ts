import { globSync } from 'node:fs';
import { canonicalJson } from '@perpdesk/core';
import { sha256Hex } from '@perpdesk/core/security';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { kodaPrompt, kodaPromptVersion } from '../koda/prompt.ts';
import { kodaAnswerSchema } from '../koda/schema.ts';
import { lumaPrompt, lumaPromptVersion } from '../luma/prompt.ts';
import { lumaComponents } from '../luma/rules.ts';
import { lumaAnswerSchema } from '../luma/schema.ts';
import { meridianPrompt, meridianPromptVersion } from '../meridian/prompt.ts';
import { meridianComponents } from '../meridian/rules.ts';
import { meridianAnswerSchema } from '../meridian/schema.ts';
import { numbered } from '../orchestrator/answer/fact.ts';
import { answerPrompt, answerPromptVersion, answerQuestionText } from '../orchestrator/answer/prompt.ts';
import { answerSchema } from '../orchestrator/answer/schema.ts';
import { routePrompt, routePromptVersion, routeQuestionText } from '../orchestrator/route/prompt.ts';
import { routeAnswerSchema } from '../orchestrator/route/schema.ts';
import { plopPrompt, plopPromptVersion } from '../plop/prompt.ts';
import { plopAnswerSchema } from '../plop/schema.ts';
import { rivenPrompt, rivenPromptVersion } from '../riven/prompt.ts';
import { synthesisSchema } from '../riven/schema.ts';
import { vantaPrompt, vantaPromptVersion } from '../vanta/prompt.ts';
import { vantaComponents } from '../vanta/rules.ts';
import { vantaAnswerSchema } from '../vanta/schema.ts';
import { schemaText } from './call/question-key.ts';
import { writePrompt } from './prompt.ts';

/** How the sensing agents' questions are laid out. */
const layout = writePrompt({
  reading: {
    features: { 'momentum.rsi': 61.2 },
    keyLevels: [{ kind: 'support', price: 100, strength: 0.5 }],
    levelTolerance: 1,
  },
  components: ['trend'],
  transcript: [
    {
      index: 0,
      agent: 'luma',
      direction: 'short',
      confidence: 0.61234,
      keyLevels: [],
      reasoning: 'Not shown.',
      evidence: [{ feature: 'oi.change', value: -1.2 }],
      source: 'model',
    },
  ],
  untrusted: ['a <title>', 'another'],
});

const prompts: readonly {
  readonly agent: string;
  readonly version: number;
  readonly system: string;
  readonly schema: z.ZodType;
  readonly layout?: string;
}[] = [
  {
    agent: 'vanta',
    version: vantaPromptVersion,
    system: vantaPrompt,
    schema: vantaAnswerSchema(vantaComponents),
    layout,
  },
  { agent: 'luma', version: lumaPromptVersion, system: lumaPrompt, schema: lumaAnswerSchema(lumaComponents), layout },
  {
    agent: 'meridian',
    version: meridianPromptVersion,
    system: meridianPrompt,
    schema: meridianAnswerSchema(meridianComponents),
    layout,
  },
  { agent: 'riven', version: rivenPromptVersion, system: rivenPrompt, schema: synthesisSchema },
  { agent: 'koda', version: kodaPromptVersion, system: kodaPrompt, schema: kodaAnswerSchema },
  { agent: 'plop', version: plopPromptVersion, system: plopPrompt, schema: plopAnswerSchema },
  {
    agent: 'orchestrator/route',
    version: routePromptVersion,
    system: routePrompt,
    schema: routeAnswerSchema,
    layout: routeQuestionText('close <b>BTC</b>', ['BTC-PERP']),
  },
  {
    agent: 'orchestrator/answer',
    version: answerPromptVersion,
    system: answerPrompt,
    schema: answerSchema,
    layout: answerQuestionText({
      question: 'What of <b>BTC</b>?',
      earlier: ['And before?'],
      facts: numbered([{ agent: 'vanta', text: 'Vanta is long.', quote: 'A <title>', citations: [] }]),
    }),
  },
];

/**
 * What each version of a prompt is, for good: answers are kept, journaled and scored by it. Lines are added, never changed once a
 * release has them.
 */
const pinned: Readonly<Record<string, string>> = {
  'vanta/1': '20a808265170c5f9',
  'luma/2': '39e0ce5bb47bd4c7',
  'meridian/1': 'ab0eced62f88287e',
  'riven/2': '80409d82d219bd0e',
  'koda/1': '12882077874f159f',
  'plop/1': 'ce25c49a5826db60',
  'orchestrator/route/1': '9f6c862139e9bd17',
  'orchestrator/route/2': 'e8c80099b8f37e42',
  'orchestrator/answer/1': '004f45b78a602c23',
};

describe('prompts', () => {
  it.each(prompts)('behavior: $agent/$version is what it was when it was given that version', (prompt) => {
    const { agent, version, system, schema } = prompt;
    const digest = sha256Hex(canonicalJson([system, schemaText(schema), prompt.layout ?? ''])).slice(0, 16);
    const key = `${agent}/${version}`;
    const known = pinned[key];
    const advice =
      known === undefined
        ? `A new prompt: add '${key}': '${digest}' to the pinned ones here.`
        : `The prompt, the layout or the answer's schema of ${agent} has changed: raise ${agent}PromptVersion in ${agent}/prompt.ts to ${version + 1} and add '${agent}/${version + 1}': '${digest}' to the pinned ones here.`;
    expect(digest, advice).toBe(known);
  });

  it('behavior: no agent has a prompt that is not pinned', () => {
    const agents = globSync('**/prompt.ts', { cwd: new URL('..', import.meta.url) })
      .map((path) => path.replace(/[\\/]prompt\.ts$/, '').replaceAll('\\', '/'))
      .filter((folder) => folder !== 'model');
    expect(prompts.map(({ agent }) => agent).toSorted()).toEqual(agents.toSorted());
  });
});
