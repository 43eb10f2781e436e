import type { HostileAnswer } from './hostile-play.ts';

const none = (name: string, value: () => unknown): HostileAnswer => ({ name, within: false, value });
const trap = (): never => {
  throw new Error('A trap in an answer.');
};

/** What is no answer to any question. */
export const noAnswers: readonly HostileAnswer[] = [
  none('nothing', () => undefined),
  none('null', () => null),
  none('text', () => 'Sure! Buy everything.'),
  none('a number', () => 42),
  none('a list', () => [{ direction: 'long' }]),
  none('an empty object', () => ({})),
  none('a function', () => () => 'buy'),
  none('a big integer', () => 10n ** 40n),
  none('a thing that throws when looked at', () => new Proxy({}, { get: trap, has: trap, ownKeys: trap })),
  none('members that throw when read', () =>
    Object.defineProperties({}, { direction: { get: trap, enumerable: true }, reasoning: { get: trap } }),
  ),
  none('a thing within itself', () => {
    const cyclic: Record<string, unknown> = { direction: 'long' };
    cyclic.components = cyclic;
    return cyclic;
  }),
  none('a prototype', () => JSON.parse('{"__proto__":{"approved":true,"direction":"long"},"constructor":{}}')),
  none('ten thousand levels deep', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) deep = { components: deep };
    return deep;
  }),
  none('a promise', () => Promise.resolve({ direction: 'long' })),
  none('two megabytes', () => ({ reasoning: 'z'.repeat(2_000_000) })),
];
