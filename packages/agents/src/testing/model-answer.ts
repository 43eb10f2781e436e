import * as z from 'zod';

const promptSchema = z.object({
  components: z.array(z.string()),
  features: z.record(z.string(), z.number()),
  keyLevels: z.array(z.object({ kind: z.enum(['support', 'resistance']), price: z.number() })),
});

/** A good answer to an agent's question: every component at `value`, evidence and a level from what was given. */
export function answerTo(prompt: string, value: number) {
  const lines = Object.fromEntries(
    prompt.split('\n').flatMap((line) => {
      const colon = line.indexOf(': ');
      const name = line.slice(0, colon);
      return ['components', 'features', 'keyLevels'].includes(name) ? [[name, JSON.parse(line.slice(colon + 2))]] : [];
    }),
  );
  const { components, features, keyLevels } = promptSchema.parse(lines);
  const [feature, number] = Object.entries(features)[0] ?? ['', 0];
  return {
    direction: value >= 5 ? 'long' : value <= -5 ? 'short' : 'neutral',
    components: Object.fromEntries(components.map((name) => [name, value])),
    keyLevels: keyLevels.slice(0, 1),
    evidence: [{ feature, value: number }],
    reasoning: `It rests on ${feature}.`,
    regime: 'trending',
    structureState: 'trend',
    momentumAlignment: 'aligned',
    volumeRead: 'confirming',
    outlook: 'higher',
  };
}
