import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SimulatedClock, SystemClock } from '@perpdesk/core';
import { macroSourceContract } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpMacroSource, type HttpMacroSourceOptions } from './http-macro-source.ts';

const rows = [{ series: 'US.CPI.YOY', at: '2026-12-10T13:30:00Z', consensus: 2.9 }];
const servers: Server[] = [];

/** A server on this machine that answers as told, and the source that asks it. */
async function serving(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  options: Partial<Pick<HttpMacroSourceOptions, 'maxBytes' | 'clock' | 'timeoutMs' | 'headers'>> = {},
): Promise<HttpMacroSource> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${host}/calendar`;
  return new HttpMacroSource({
    clock: new SystemClock(),
    url,
    hosts: [host],
    format: 'json',
    name: 'local',
    ...options,
  });
}

const json = (response: ServerResponse, body: string, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
};

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('HttpMacroSource', () => {
  for (const { name, run } of macroSourceContract)
    it(name, () =>
      run(async () => ({
        source: await serving((_, response) => json(response, JSON.stringify(rows))),
        close: async () => {},
      })),
    );

  it('default: asks again only for what changed', async () => {
    const seen: (string | undefined)[] = [];
    const source = await serving(({ headers }, response) => {
      seen.push(headers['if-none-match'], headers['if-modified-since'], headers.referer);
      if (headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else json(response, JSON.stringify(rows), { etag: '"1"', 'last-modified': 'Thu, 26 Nov 2026 00:00:00 GMT' });
    });
    const first = await source.fetch();
    expect(await source.fetch()).toEqual({ ...first, unchanged: true });
    expect(seen).toEqual([undefined, undefined, undefined, '"1"', 'Thu, 26 Nov 2026 00:00:00 GMT', undefined]);
  });

  it('behavior: an entry that can not be read is counted, the others stand', async () => {
    const source = await serving((_, response) => json(response, JSON.stringify([...rows, { at: 'soon' }, 7, null])));
    const { records, refused } = await source.fetch();
    expect([records.length, refused.count]).toEqual([1, 3]);
  });

  it('error: a redirect is not followed', async () => {
    let asked = 0;
    const source = await serving((_, response) => {
      asked += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await expect(source.fetch()).rejects.toMatchObject({ code: 'macro.answer', retryable: false });
    expect(asked).toBe(1);
  });

  it.each([
    ['another type of content', 200, 'text/html', '[]', false],
    ['a failure of the server', 503, 'application/json', '[]', true],
    ['too many requests', 429, 'application/json', '[]', true],
    ['not found', 404, 'application/json', '[]', false],
    ['nothing new before anything was known', 304, 'application/json', '', false],
  ])('error: %s', async (_, status, type, body, retryable) => {
    const source = await serving((_request, response) =>
      response.writeHead(status, { 'content-type': type }).end(body),
    );
    await expect(source.fetch()).rejects.toMatchObject({ name: 'VenueError', code: 'macro.answer', retryable });
  });

  it('error: what is no JSON at all', async () => {
    const source = await serving((_, response) => json(response, '<html>'));
    await expect(source.fetch()).rejects.toMatchObject({ code: 'macro.content' });
  });

  it('error: an answer that is too long is cut off, announced or not', async () => {
    const announced = await serving((_, response) => json(response, ' '.repeat(2000)), { maxBytes: 1000 });
    await expect(announced.fetch()).rejects.toThrow('more than 1000 bytes');
    let stopped = (): void => {};
    const gone = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const endless = await serving(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.on('close', stopped);
        const more = (): void => {
          if (!response.destroyed) response.write(' '.repeat(10_000), () => setImmediate(more));
        };
        more();
      },
      { maxBytes: 100_000 },
    );
    await expect(endless.fetch()).rejects.toThrow('more than 100000 bytes');
    await gone;
  });

  it('error: an answer that does not come in time', async () => {
    const clock = new SimulatedClock({ startAtMs: 0 });
    let asked = (): void => {};
    const asking = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const source = await serving(() => asked(), { clock, timeoutMs: 5000 });
    const answer = source.fetch();
    const refused = expect(answer).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining('5000 ms'),
    });
    await asking;
    await clock.advanceTo(5000);
    await refused;
  });

  it('error: an address that is not encrypted, not listed, holds a password, or is none', () => {
    const make = (url: string) => () =>
      new HttpMacroSource({ clock: new SystemClock(), url, hosts: ['www.bls.gov'], format: 'ics' });
    expect(make('https://www.bls.gov/schedule/news_release/bls.ics')).not.toThrow();
    for (const url of [
      'http://www.bls.gov/bls.ics',
      'https://bls.gov.evil.test/bls.ics',
      'https://www.bls.gov:8443/bls.ics',
      'https://user:secret@www.bls.gov/bls.ics',
      'file:///etc/passwd',
      'bls',
    ])
      expect(make(url), url).toThrow(expect.objectContaining({ code: 'macro.address' }));
    expect(make('https://user:secret@www.bls.gov/')).not.toThrow('secret');
  });
});
