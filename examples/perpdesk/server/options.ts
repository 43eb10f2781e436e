import { parseArgs } from 'node:util';
import { type Autonomy, autonomySchema, ConfigError, type MarketId, type Tier, tierSchema } from '@perpdesk/core';
import {
  type CredentialTask,
  credentialTask,
  type ExecutionChoice,
  executionChoice,
  executionFlags,
} from './execution/execution-choice.ts';

/** Where a desk's market data comes from. */
export type SourceKind = 'live' | 'replay' | 'simulated';

/** The venues of live market data. */
export const liveVenues = ['hyperliquid', 'binance', 'aster', 'coinbase', 'lighter', 'bybit', 'okx'] as const;
export type LiveVenue = (typeof liveVenues)[number];
const defaultVenues = liveVenues.slice(0, 5);

/** What the command line asks for. */
export interface ServerOptions {
  /** `auto`: live when venues answer, else simulated. */
  readonly source: 'auto' | SourceKind;
  /** Where live market data comes from, the preferred first. */
  readonly venues: readonly LiveVenue[];
  readonly replayDirectory?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Bases such as BTC; undefined: all there are. */
  readonly symbols?: readonly string[];
  readonly speed: number | 'max';
  readonly seed: string;
  readonly headless: boolean;
  readonly exitAtEnd: boolean;
  readonly reportFile?: string;
  readonly port: number;
  /** Default: .perpdesk; a replay's is temporary. */
  readonly dataDirectory?: string;
  readonly tier: Tier;
  readonly autonomy: Autonomy;
  /** True when what was halted in the data directory may trade again. */
  readonly rearm: boolean;
  /** True when the limits that were lowered in a chat are to be those of the tier again. */
  readonly resetLimits?: boolean;
  /** True when the run is recorded in its data directory, for `--parity`. */
  readonly record?: boolean;
  /** The data directory whose newest recorded run is run again and compared. */
  readonly parityDirectory?: string;
  /** The data directory of an earlier run whose models' answers are used in place of models. */
  readonly modelsDirectory?: string;
  /** Where orders go; absent: to paper. */
  readonly execution?: ExecutionChoice;
  /** Keys that are to be kept or forgotten; then nothing else is done. */
  readonly credentials?: CredentialTask;
}

const flags = {
  source: {
    type: 'string',
    value: 'live|replay|simulated',
    help: 'where market data comes from (default: live when venues answer within 3 s, else simulated)',
  },
  venues: { type: 'string', value: 'A,B', help: `live venues of ${liveVenues.join(', ')} (default: the first five)` },
  replay: { type: 'string', value: 'DIR', help: 'replay the recorded files below DIR; implies --source replay' },
  from: {
    type: 'string',
    value: 'TIME',
    help: 'replay from this instant on (2025-07-22T08:00, UTC unless it says else, or milliseconds)',
  },
  to: { type: 'string', value: 'TIME', help: 'play up to this instant (default: to the end; a simulation has none)' },
  symbols: { type: 'string', value: 'A,B', help: 'only these symbols, e.g. BTC,ETH (default: all)' },
  speed: { type: 'string', value: 'N|max', help: 'times real time, or as fast as it goes (default: 60)' },
  seed: { type: 'string', value: 'TEXT', help: 'the seed of the simulated market (default: perpdesk)' },
  headless: { type: 'boolean', help: 'no web page' },
  'exit-at-end': { type: 'boolean', help: 'end when the source does, or at --to' },
  report: { type: 'string', value: 'FILE', help: 'write a JSON report at the end' },
  port: { type: 'string', value: 'N', help: 'port of the web page on 127.0.0.1, 0 for a free one (default: 4780)' },
  'data-dir': {
    type: 'string',
    value: 'DIR',
    help: 'where databases and keys are kept (default: .perpdesk; live: .perpdesk/live; a replay: temporary)',
  },
  tier: {
    type: 'string',
    value: 'TIER',
    help: `risk tier of the demo user: ${tierSchema.options.join('|')} (default: intermediate)`,
  },
  autonomy: {
    type: 'string',
    value: 'LEVEL',
    help: `of the demo user: ${autonomySchema.options.join('|')} (default: auto-bounded)`,
  },
  rearm: { type: 'boolean', help: 'let what the kill switch or a limit halted trade again' },
  'reset-limits': { type: 'boolean', help: "have the tier's limits hold again where a chat lowered them" },
  record: { type: 'boolean', help: 'record market data and acts in the data directory, for --parity' },
  'replay-models': {
    type: 'string',
    value: 'DIR',
    help: 'have models answer what they answered in the run whose --data-dir this was: no key, no network',
  },
  parity: {
    type: 'string',
    value: 'DIR',
    help: 'run the newest recorded run of a data directory again, and tell what differs; ends with 1 if it is unexplained',
  },
  ...executionFlags,
  help: { type: 'boolean', short: 'h', help: 'show this' },
} as const;

/** The text of --help. */
export const helpText = [
  'PerpDesk: a multi-agent trading desk for perpetual futures.',
  '',
  'Usage: npm start -- [options]',
  '',
  ...Object.entries(flags).map(
    ([name, flag]) =>
      `  ${`--${name}${'value' in flag ? ` ${flag.value}` : ''}${'short' in flag ? `, -${flag.short}` : ''}`.padEnd(34)} ${flag.help}`,
  ),
  '',
  'The agents follow rules until OPENAI_API_KEY is set. OPENAI_BASE_URL chooses another server that speaks its protocol,',
  'OPENAI_MODEL the model (default: gpt-5-mini), OPENAI_TIMEOUT_MS the longest wait for an answer (default: 8000).',
].join('\n');

/**
 * Reads the command line. Undefined when help was asked for.
 * @throws ConfigError `flags.invalid` naming the flag and what it takes.
 */
export function parseOptions(args: readonly string[]): ServerOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  if (values.parity !== undefined) return parityOptions(values.parity, values);
  const credentials = credentialTask(values);
  const execution = credentials === undefined ? executionChoice(values) : undefined;
  const source =
    values.source !== undefined
      ? oneOf('source', values.source, sourceKinds)
      : execution === undefined
        ? impliedSource(values)
        : 'live';
  if (execution !== undefined && source !== 'live')
    throw invalid(`--execution on a venue goes with --source live, not ${source}.`);
  if (execution !== undefined && values.record === true)
    throw invalid('--record goes with --execution paper: what a venue does can not be run again.');
  if (values.replay !== undefined && source !== 'replay')
    throw invalid(`--replay goes with --source replay, not ${source}.`);
  if (source === 'replay' && values.replay === undefined) throw invalid('--source replay needs --replay DIR.');
  if (values.from !== undefined && source !== 'replay')
    throw invalid('--from goes with a replay; a simulation goes on from where it stood.');
  const tooMany = simulatedFlags.find((flag) => values[flag] !== undefined);
  if (source === 'live' && tooMany !== undefined) throw invalid(`--${tooMany} does not go with live market data.`);
  if (values.venues !== undefined && source !== 'live' && source !== 'auto')
    throw invalid(`--venues goes with --source live, not ${source}.`);
  if (values.record === true && source === 'replay' && values['data-dir'] === undefined)
    throw invalid('--record with a replay needs a --data-dir: its own is temporary.');
  const fromMs = instant('from', values.from);
  const toMs = instant('to', values.to);
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) throw invalid('--from must be before --to.');
  return {
    source,
    venues: dataVenues(values.venues, execution),
    ...(values.replay === undefined ? {} : { replayDirectory: values.replay }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
    ...(values.symbols === undefined ? {} : { symbols: symbols(values.symbols) }),
    speed: speed(values.speed ?? '60'),
    seed: values.seed ?? 'perpdesk',
    headless: values.headless ?? false,
    exitAtEnd: values['exit-at-end'] ?? false,
    ...(values.report === undefined ? {} : { reportFile: values.report }),
    port: port(values.port ?? '4780'),
    ...(values['data-dir'] === undefined ? {} : { dataDirectory: values['data-dir'] }),
    tier: oneOf('tier', values.tier ?? 'intermediate', tierSchema.options),
    autonomy: oneOf('autonomy', values.autonomy ?? 'auto-bounded', autonomySchema.options),
    rearm: values.rearm ?? false,
    ...(values['reset-limits'] === true ? { resetLimits: true } : {}),
    ...(values.record === true ? { record: true } : {}),
    ...(values['replay-models'] === undefined ? {} : { modelsDirectory: values['replay-models'] }),
    ...(execution === undefined ? {} : { execution }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/** Everything else is as it was when the run was recorded. */
function parityOptions(parityDirectory: string, values: ReturnType<typeof parse>): ServerOptions {
  const allowed: readonly string[] = ['parity', 'report', 'speed'];
  const tooMany = Object.entries(values).find(([flag, value]) => value !== undefined && !allowed.includes(flag));
  if (tooMany !== undefined) throw invalid(`--${tooMany[0]} does not go with --parity, which repeats a run as it was.`);
  return {
    ...{ source: 'replay', venues: defaultVenues, seed: 'perpdesk', port: 0, rearm: false },
    ...{ headless: true, exitAtEnd: true, tier: 'intermediate', autonomy: 'auto-bounded' },
    speed: speed(values.speed ?? 'max'),
    parityDirectory,
    ...(values.report === undefined ? {} : { reportFile: values.report }),
  };
}

const sourceKinds: readonly SourceKind[] = ['live', 'replay', 'simulated'];
/** Flags that only market data of another time understands. */
const simulatedFlags = ['seed', 'speed', 'to', 'replay-models'] as const;

function impliedSource(values: ReturnType<typeof parse>): 'auto' | SourceKind {
  if (values.replay !== undefined) return 'replay';
  return simulatedFlags.some((flag) => values[flag] !== undefined) ? 'simulated' : 'auto';
}

/** Market data of the venues that orders go to comes first: a plan is judged by the prices it meets. */
function dataVenues(value: string | undefined, execution: ExecutionChoice | undefined): readonly LiveVenue[] {
  const traded = execution?.venues ?? [];
  if (value === undefined) return [...new Set<LiveVenue>([...traded, ...defaultVenues])];
  const chosen = venues(value);
  const unseen = traded.find((venue) => !chosen.includes(venue));
  if (unseen !== undefined) throw invalid(`--execution ${unseen} needs its market data: name it in --venues too.`);
  return chosen;
}

function venues(value: string): readonly LiveVenue[] {
  return [...new Set(value.split(',').map((venue) => oneOf('venues', venue.trim().toLowerCase(), liveVenues)))];
}

function parse(args: readonly string[]) {
  const values = parsed(args);
  for (const [flag, value] of Object.entries(values))
    if (typeof value === 'string' && value.trim() === '') throw invalid(`--${flag} needs a value. See --help.`);
  return values;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: false, strict: true }).values;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw invalid(`${message.split(/\. |\n/)[0]?.replace(/\.$/, '')}. See --help.`);
  }
}

const invalid = (message: string): ConfigError => new ConfigError('flags.invalid', message);

function oneOf<Value extends string>(flag: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(`--${flag} takes ${allowed.join(', ')}, not "${value}".`);
  return found;
}

const isoInstant = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/;

function instant(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{12,14}$/.test(value)) return Number(value);
  const [, day = '', time = '00:00', zone = 'Z'] = isoInstant.exec(value) ?? [];
  const ms = Date.parse(`${day}T${time}${zone}`);
  // A 31st of February is a date to Date.parse.
  if (Number.isNaN(ms) || !new Date(`${day}T00:00Z`).toISOString().startsWith(day))
    throw invalid(`--${flag} takes an instant such as 2025-07-22T08:00Z, not "${value}".`);
  return ms;
}

function speed(value: string): number | 'max' {
  if (value === 'max') return 'max';
  const times = Number(value);
  if (!(times > 0 && times <= 100_000)) throw invalid(`--speed takes a positive number or max, not "${value}".`);
  return times;
}

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw invalid(`--port takes a port from 0 to 65535, not "${value}".`);
  return number;
}

function symbols(value: string): readonly string[] {
  const list = value.split(',').map((symbol) =>
    symbol
      .trim()
      .toUpperCase()
      .replace(/-PERP$/, ''),
  );
  const wrong = list.find((symbol) => !/^[A-Z0-9]{1,20}$/.test(symbol));
  if (wrong !== undefined) throw invalid(`--symbols takes symbols such as BTC,ETH; "${wrong}" is none.`);
  return [...new Set(list)];
}

/** The markets of the symbols asked for; undefined: all there are. */
export const symbolMarkets = ({ symbols }: Pick<ServerOptions, 'symbols'>): readonly MarketId[] | undefined =>
  symbols?.map((symbol) => `${symbol}-PERP`);
