import { ConfigError } from '../errors/config-error.ts';

/** Where a database is. `location` is for people: a path, or host and name without user or password. */
export type DatabaseAddress =
  | { readonly dialect: 'sqlite'; readonly path: string; readonly location: string }
  | { readonly dialect: 'postgres'; readonly url: string; readonly location: string };

const forms = 'sqlite:/path/to/file.db, sqlite::memory: or postgres://user:password@host:5432/name';

/**
 * Reads a database URL: `sqlite:/path`, `sqlite:relative/path`, `sqlite::memory:`, `postgres://…` or `postgresql://…`.
 * @throws ConfigError `database.url`
 */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  const scheme = /^([a-z]+):/.exec(url)?.[1] ?? '';
  if (scheme === 'sqlite') {
    const path = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
    if (path !== '' && !path.startsWith('//')) return { dialect: 'sqlite', path, location: path };
  }
  if ((scheme === 'postgres' || scheme === 'postgresql') && URL.canParse(url)) {
    const { host, pathname } = new URL(url);
    if (host !== '') return { dialect: 'postgres', url, location: `postgres://${host}${pathname}` };
  }
  // A URL may hold a password: only its scheme is repeated.
  throw new ConfigError(
    'database.url',
    `A database URL is ${forms}, not ${scheme === '' ? 'one without a scheme' : `this "${scheme}:" one`}.`,
  );
}
