import type { Context, MiddlewareHandler } from 'hono';
import { HttpProblem } from './problem.ts';

const safeMethods = new Set(['GET', 'HEAD']);
const ownHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;
/** Sec-Fetch-Site of a page of this origin, and of what the user typed. Other ports of this machine are `same-site`. */
const ownSites = new Set(['same-origin', 'none']);

/**
 * Lets only this machine's own pages in: the Host must be a loopback name (a rebound DNS name is not), and a request must
 * come from a page of this origin or from no page at all. A link elsewhere may lead here, to the page, not to the interface.
 */
export const guardRequests: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? '';
  if (!ownHost.test(host)) throw new HttpProblem(403, 'host.forbidden', 'This server answers to loopback names only.');
  const origin = context.req.header('origin');
  if (!safeMethods.has(context.req.method) && origin !== undefined && origin !== `http://${host}`)
    throw new HttpProblem(403, 'origin.forbidden', 'Requests from other origins are refused.');
  const site = context.req.header('sec-fetch-site');
  if (site !== undefined && !ownSites.has(site) && !followsLink(context))
    throw new HttpProblem(403, 'origin.forbidden', 'Requests from other sites are refused.');
  await next();
  context.header('X-Content-Type-Options', 'nosniff');
  context.header('Referrer-Policy', 'no-referrer');
  context.header('Cross-Origin-Opener-Policy', 'same-origin');
  context.header('Cross-Origin-Resource-Policy', 'same-origin');
  context.header('X-Frame-Options', 'DENY');
  context.header(
    'Content-Security-Policy',
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
};

/** A browser opening the page itself in a tab. */
const followsLink = ({ req }: Context): boolean =>
  req.method === 'GET' &&
  req.header('sec-fetch-mode') === 'navigate' &&
  req.header('sec-fetch-dest') === 'document' &&
  !req.path.startsWith('/api/');
