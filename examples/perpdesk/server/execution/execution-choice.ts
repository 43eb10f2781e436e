import { join } from 'node:path';
import { ConfigError } from '@perpdesk/core';
import type { CcxtVenueName } from '@perpdesk/execution/ccxt';

// Named here, so that mistakes in the flags are answered before anything of a venue is loaded.
const order: Readonly<Record<CcxtVenueName, true>> = {
  ...{ hyperliquid: true, lighter: true, binance: true, bybit: true, okx: true, aster: true },
};
const ccxtVenueNames = Object.keys(order) as readonly CcxtVenueName[];

/** Which money moves: none that is real on a test net. */
export type Network = 'testnet' | 'mainnet';

/** Where orders go when not to paper. */
export interface ExecutionChoice {
  /** In the user's order of preference; at least one. */
  readonly venues: readonly CcxtVenueName[];
  readonly network: Network;
}

/** What is to be done with a user's keys instead of trading. */
export interface CredentialTask {
  readonly act: 'save' | 'forget';
  readonly venue: CcxtVenueName;
  readonly network: Network;
}

/** The flags that choose where orders go, as they were given. */
export interface ExecutionFlags {
  readonly execution?: string | undefined;
  readonly network?: string | undefined;
  readonly 'real-money'?: boolean | undefined;
  readonly 'save-credentials'?: string | undefined;
  readonly 'forget-credentials'?: string | undefined;
}

/** The flags as `parseArgs` takes them, with their help. */
export const executionFlags = {
  execution: {
    type: 'string',
    value: 'paper|A,B',
    help: `where orders go: paper (default), or venues of ${ccxtVenueNames.join(', ')} by preference`,
  },
  network: {
    type: 'string',
    value: 'testnet|mainnet',
    help: 'of --execution: the venues’ test nets (default) or real money, which needs --real-money beside it',
  },
  'real-money': { type: 'boolean', help: 'I understand that --network mainnet trades with real money' },
  'save-credentials': {
    type: 'string',
    value: 'VENUE',
    help: 'test keys and keep them encrypted; read from PERPDESK_<VENUE>_<NAME> or name=value lines on standard input',
  },
  'forget-credentials': { type: 'string', value: 'VENUE', help: 'remove the keys of a venue' },
} as const;

/**
 * Reads where orders go; undefined: to paper.
 * @throws ConfigError `flags.invalid`
 */
export function executionChoice(flags: ExecutionFlags): ExecutionChoice | undefined {
  const { execution = 'paper' } = flags;
  if (execution.trim().toLowerCase() === 'paper') {
    const tooMany = (['network', 'real-money'] as const).find((flag) => flags[flag] !== undefined);
    if (tooMany !== undefined) throw invalid(`--${tooMany} goes with --execution on a venue, not on paper.`);
    return undefined;
  }
  const venues = [...new Set(execution.split(',').map((name) => venueNamed('execution', name)))];
  const network = networkOf(flags);
  if (network === 'mainnet' && flags['real-money'] !== true)
    throw invalid('--network mainnet trades with real money: say --real-money too, or leave it out for the test net.');
  if (network === 'testnet' && flags['real-money'] === true)
    throw invalid('--real-money goes with --network mainnet; a test net has none.');
  for (const venue of venues) requireNetwork(venue, network);
  return { venues, network };
}

/**
 * Reads what is to be done with keys; undefined: nothing.
 * @throws ConfigError `flags.invalid`
 */
export function credentialTask(flags: ExecutionFlags): CredentialTask | undefined {
  const act = (['save', 'forget'] as const).filter((name) => flags[`${name}-credentials`] !== undefined);
  const [first] = act;
  if (first === undefined) return undefined;
  if (act.length > 1) throw invalid('--save-credentials and --forget-credentials do not go together.');
  const venue = venueNamed(`${first}-credentials`, flags[`${first}-credentials`] ?? '');
  const network = networkOf(flags);
  requireNetwork(venue, network);
  return { act: first, venue, network };
}

/** Where a desk of a network lives unless `--data-dir` says else: accounts of test money and of real money never meet. */
export const networkDirectory = (network: Network): string => join('.perpdesk', network);

/** What people are told of where orders go: the first thing they read. */
export function executionNotice({ venues, network }: ExecutionChoice): string {
  const where = venues.join(', then ');
  return network === 'testnet'
    ? `TEST NET: orders go to the test net of ${where}; no money in it is real.`
    : `LIVE: orders go to ${where} and trade REAL MONEY.`;
}

const withoutTestNet: readonly CcxtVenueName[] = ['aster'];

function requireNetwork(venue: CcxtVenueName, network: Network): void {
  if (network === 'testnet' && withoutTestNet.includes(venue))
    throw invalid(`${venue} has no test net that is reached here: --network mainnet, or another venue.`);
}

function networkOf({ network = 'testnet' }: ExecutionFlags): Network {
  if (network === 'testnet' || network === 'mainnet') return network;
  throw invalid(`--network takes testnet, mainnet, not "${network}".`);
}

function venueNamed(flag: string, text: string): CcxtVenueName {
  const name = text.trim().toLowerCase();
  const found = ccxtVenueNames.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  const paper = flag === 'execution' && name === 'paper' ? ' (paper is for whoever chose no venue)' : '';
  throw invalid(`--${flag} takes ${ccxtVenueNames.join(', ')}, not "${text.trim()}"${paper}.`);
}

const invalid = (message: string): ConfigError => new ConfigError('flags.invalid', message);
