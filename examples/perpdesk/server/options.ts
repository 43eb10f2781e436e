import { parseArgs } from 'node:util';
import { type Autonomy, autonomySchema, ConfigError, type MarketId, type Tier, tierSchema } from '@perpdesk/core';

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
  const source = values.source === undefined ? impliedSource(values) : oneOf('source', values.source, sourceKinds);
  if (values.replay !== undefined && source !== 'replay')
    throw invalid(`--replay goes with --source replay, not ${source}.`);
  if (source === 'replay' && values.replay === undefined) throw invalid('--source replay needs --replay DIR.');
  if (values.from !== undefined && source !== 'replay')
    throw invalid('--from goes with a replay; a simulation goes on from where it stood.');
  const tooMany = simulatedFlags.find((flag) => values[flag] !== undefined);
  if (source === 'live' && tooMany !== undefined) throw invalid(`--${tooMany} does not go with live market data.`);
  if (values.venues !== undefined && source !== 'live' && source !== 'auto')
    throw invalid(`--venues goes with --source live, not ${source}.`);
  const fromMs = instant('from', values.from);
  const toMs = instant('to', values.to);
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) throw invalid('--from must be before --to.');
  return {
    source,
    venues: values.venues === undefined ? defaultVenues : venues(values.venues),
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
  };
}

const sourceKinds: readonly SourceKind[] = ['live', 'replay', 'simulated'];
/** Flags that only market data of another time understands. */
const simulatedFlags = ['seed', 'speed', 'to'] as const;

function impliedSource(values: ReturnType<typeof parse>): 'auto' | SourceKind {
  if (values.replay !== undefined) return 'replay';
  return simulatedFlags.some((flag) => values[flag] !== undefined) ? 'simulated' : 'auto';
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
