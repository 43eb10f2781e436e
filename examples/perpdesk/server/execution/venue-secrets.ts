import { ConfigError } from '@perpdesk/core';
import type { CcxtVenueName } from '@perpdesk/execution/ccxt';
import type { Environment } from '../language-model.ts';

/** What each venue's keys consist of; with `?` what not every account has. */
const secretNames: Readonly<Record<CcxtVenueName, readonly string[]>> = {
  hyperliquid: ['walletAddress', 'privateKey'],
  lighter: ['accountIndex', 'apiKeyIndex', 'apiPrivateKey'],
  binance: ['apiKey', 'secret'],
  bybit: ['apiKey', 'secret'],
  okx: ['apiKey', 'secret', 'password'],
  aster: ['walletAddress', 'privateKey', 'signerAddress?'],
};

/** Under which variable of the environment a secret is looked for: `PERPDESK_HYPERLIQUID_PRIVATE_KEY`. */
const variableOf = (venue: CcxtVenueName, name: string): string =>
  `PERPDESK_${venue}_${name.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase();

/**
 * Collects a venue's keys from the environment and from lines `name=value`, never from the command line, which every process of
 * the machine can read. Lines come first.
 * @throws ConfigError `credentials.incomplete` naming what is missing and where it is looked for; no message holds a value.
 */
export function readSecrets(venue: CcxtVenueName, environment: Environment, lines: string): Record<string, string> {
  const given = new Map(lines.split(/\r?\n/).flatMap((line) => pairOf(venue, line) ?? []));
  const found: Record<string, string> = {};
  const missing: string[] = [];
  for (const listed of secretNames[venue]) {
    const name = listed.replace('?', '');
    const value = given.get(name) ?? environment[variableOf(venue, name)]?.trim() ?? '';
    if (value !== '') found[name] = value;
    else if (name === listed) missing.push(name);
  }
  if (missing.length === 0) return found;
  throw new ConfigError(
    'credentials.incomplete',
    `${venue} needs ${missing.join(', ')}: set ${missing.map((name) => variableOf(venue, name)).join(', ')}, or give name=value lines on standard input.`,
  );
}

function pairOf(venue: CcxtVenueName, line: string): readonly [readonly [string, string]] | undefined {
  if (line.trim() === '') return undefined;
  const at = line.indexOf('=');
  const name = line.slice(0, Math.max(0, at)).trim();
  if (secretNames[venue].some((listed) => listed.replace('?', '') === name)) return [[name, line.slice(at + 1).trim()]];
  throw new ConfigError(
    'credentials.incomplete',
    `Standard input takes lines such as ${secretNames[venue][0]}=…, of ${secretNames[venue].join(', ')}.`,
  );
}
