import { ConfigError } from '@perpdesk/core';
import { createIndicator } from '../indicator-spec.ts';
import { ownIndicators, type PackedIndicator } from '../packed-indicator.ts';
import { presentBar } from '../present-bar.ts';
import { CallInliner } from './call-inliner.ts';
import type { FusedSet } from './fused-sets.ts';
import { SteadySources } from './steady-sources.ts';

/** The session of a VWAP that is called `vwap(session)`. */
const day = '86400000';

const heading =
  '// Generated from the indicators by generator/write-updates.ts and held to them by fused-updates.test.ts: do not edit.';

/**
 * Writes the module of a fused update: one function that takes the present bar for all of these indicators, the `steady…` functions
 * of their files written out one after the other with the numbers of their names in place. Line breaks are the formatter's.
 * @throws ConfigError `update.unsupported` for an indicator without such a function, or one of another form.
 */
export function generateUpdate({ name, specs }: FusedSet, indicators: URL): string {
  const own = ownIndicators(specs.map(createIndicator).flatMap((member) => ('update' in member ? [member] : [])));
  const sources = new SteadySources(indicators);
  const inliner = new CallInliner(sources);
  let begin = 0;
  const parts = own.map((indicator, index) => {
    const part = partOf(indicator, { index, begin, inliner, sources });
    begin += indicator.size;
    return part;
  });
  const body = parts.join('\n');
  const imports = [...inliner.imports].map(([column, file]) => `import { ${column} } from '../../indicators/${file}';`);
  const used = Object.keys(presentBar).filter((column) => new RegExp(`\\b${column}\\[`).test(body));
  return `${heading}
${imports.sort().join('\n')}
import type { FusedUpdate } from '../fused-update.ts';
import { presentBar } from '../present-bar.ts';

const { ${used.join(', ')} } = presentBar;

/** ${own.map((indicator) => indicator.name).join(', ')}. */
export const ${name}: FusedUpdate = {
  names: [${own.map((indicator) => `'${indicator.name}'`).join(', ')}],
  update: (numbers, begin, others) => {
${body}
  },
};
`;
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
  return `// ${name}
${inliner.write(
  steady.source,
  ['numbers', at, input, ...numbers.map((number) => (number === 'session' ? day : number))],
  {
    onFalse: `others[${index}]?.(numbers, ${at});`,
    onTrue: () => '',
  },
)}`;
}
