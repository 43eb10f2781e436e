import type { MiddlewareHandler } from 'hono';
import { HttpProblem } from './problem.ts';

const safeMethods = new Set(['GET', 'HEAD']);
const ownHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Lets only this machine's own pages in: the Host must be a loopback name (a rebound DNS name is not), and what changes
 * anything must come from a page of this origin or from no page at all.
 */
export const guardRequests: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? '';
  if (!ownHost.test(host)) throw new HttpProblem(403, 'host.forbidden', 'This server answers to loopback names only.');
  const origin = context.req.header('origin');
  if (!safeMethods.has(context.req.method) && origin !== undefined && origin !== `http://${host}`) {
    throw new HttpProblem(403, 'origin.forbidden', 'Requests from other origins are refused.');
  }
  if (context.req.header('sec-fetch-site') === 'cross-site')
    throw new HttpProblem(403, 'origin.forbidden', 'Requests from other sites are refused.');
  await next();
  context.header('X-Content-Type-Options', 'nosniff');
  context.header('Referrer-Policy', 'no-referrer');
  context.header('Cross-Origin-Opener-Policy', 'same-origin');
  context.header('X-Frame-Options', 'DENY');
  context.header(
    'Content-Security-Policy',
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  );
};
