import { ConfigError } from '@perpdesk/core';
import { layOutIndicators } from '../indicator-layout.ts';
import type { PackedIndicator } from '../packed-indicator.ts';
import { presentBar } from '../present-bar.ts';
import { CallInliner } from './call-inliner.ts';
import type { FusedSet } from './fused-sets.ts';
import { readWhatWasStored } from './read-what-was-stored.ts';
import { SteadySources } from './steady-sources.ts';

/** The session of a VWAP that is called `vwap(session)`. */
const day = '86400000';

const heading =
  '// Generated from the indicators by generator/write-updates.ts and held to them by fused-updates.test.ts: do not edit.';

/** A place whose bounds a compiler knows, so that it minds no overflow where a distance is added to it: some 10 % of an update. */
const bounded = 'const begin = from & 0x3fffffff;';

/**
 * Writes the module of a fused update: one function that takes a bar for all of these indicators, the `steady…` functions of their
 * files written out one after the other with the numbers of their names in place, and one that reads their values, in the order of
 * the specs. Line breaks are the formatter's.
 * @throws ConfigError `update.unsupported` for an indicator without such a function, or one of another form.
 */
export function generateUpdate({ name, specs }: FusedSet, indicators: URL): string {
  const { own, begins, names, valueAt } = layOutIndicators(specs);
  const sources = new SteadySources(indicators);
  const inliner = new CallInliner(sources, Object.keys(presentBar));
  const parts = own.map((one, index) => partOf(one, { index, begin: begins[index] ?? 0, inliner, sources }));
  const imports = [...inliner.imports].map(([column, file]) => `import { ${column} } from '../../indicators/${file}';`);
  const quoted = (list: readonly string[]): string => list.map((one) => `'${one}'`).join(', ');
  return `${heading}
${imports.sort().join('\n')}
import type { FusedUpdate } from '../fused-update.ts';

/** ${own.map((indicator) => indicator.name).join(', ')}. */
export const ${name}: FusedUpdate = {
  names: [${quoted(own.map((indicator) => indicator.name))}],
  values: [${quoted(names)}],
  update: (numbers, from, { ${[...inliner.columns].sort().join(', ')} }) => {
    ${bounded}
${withoutUnused(parts.join('\n'))}
    return ${own.length};
  },
  read: (numbers, from, into) => {
    ${bounded}
${valueAt.map((at, index) => `    into[${index}] = numbers[begin + ${at}] as number;`).join('\n')}
  },
};
`;
}

/** Without empty lines and without constants that nothing uses: those of places that were added up. */
function withoutUnused(body: string): string {
  const isUsed = (name: string): boolean => (body.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1;
  const lines = body.split('\n');
  const used = lines.filter((line) => {
    const [, name] = /^const (\w+) = [\w +]+;$/.exec(line.trim()) ?? [];
    return line.trim() !== '' && (name === undefined || isUsed(name));
  });
  return used.length === lines.length ? body : withoutUnused(used.join('\n'));
}

interface Place {
  readonly index: number;
  readonly begin: number;
  readonly inliner: CallInliner;
  readonly sources: SteadySources;
}

/** The part of one indicator: found by its name, `stochRsi(14,14,3,3)` in stoch-rsi.ts as steadyStochRsi. */
function partOf({ name }: PackedIndicator, { index, begin, inliner, sources }: Place): string {
  const [, kind = '', list = ''] = /^(\w+)(?:\((.*)\))?$/.exec(name) ?? [];
  const file = `${kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
  const steady = sources.meaningOf(`steady${kind.charAt(0).toUpperCase()}${kind.slice(1)}`, file);
  if (steady?.kind !== 'function')
    throw new ConfigError('update.unsupported', `${file} has no steady function for ${name}.`);
  const parts = list.split(',').filter((part) => part !== '');
  const source = parts.find((part) => part in presentBar) ?? 'close';
  const numbers = parts.filter((part) => !(part in presentBar));
  const { parameters } = steady.source;
  const wanted = parameters.slice(3);
  // What stands for a length of time in a name is the word for a day's session; any other number is one of bars.
  const fits = wanted.every((parameter, at) => (parameter === 'sessionMs') === (numbers[at] === 'session'));
  if (wanted.length !== numbers.length || !fits)
    throw new ConfigError(
      'update.unsupported',
      `${file}: the numbers of ${name} are not those of its steady function.`,
    );
  const at = begin === 0 ? 'begin' : `begin + ${begin}`;
  const input = parameters[2] === 'bars' ? 'presentBar' : source;
  const written = inliner.write(
    steady.source,
    ['numbers', at, input, ...numbers.map((number) => (number === 'session' ? day : number))],
    { onFalse: `return ${index};`, onTrue: () => '' },
  );
  return `// ${name}\n${readWhatWasStored(written)}`;
}
