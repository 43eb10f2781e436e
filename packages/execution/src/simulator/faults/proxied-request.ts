import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '@perpdesk/core';
import type { ProxyScript } from './proxy-script.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Forwards one HTTP request to the venue and its answer back, through whatever strikes it. */
export async function proxiedRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: { readonly target: URL; readonly script: ProxyScript; readonly clock: Clock },
): Promise<void> {
  const { target, script, clock } = parts;
  const cut = (): void => void response.socket?.destroy();
  const body = await wholeOf(incoming);
  const fault = script.strike({ on: 'http', direction: 'to-venue', text: body.toString('utf8') });
  if (fault?.kind === 'cut') return cut();
  let answer: Answer;
  try {
    answer = await forward(incoming, body, target);
  } catch {
    return cut();
  }
  if (fault?.kind === 'half-open') return;
  if (fault?.kind === 'cut-after') return cut();
  if (fault?.kind === 'server-error') {
    return void response.writeHead(502, { 'content-type': 'text/plain' }).end('502 Bad Gateway');
  }
  if (fault?.kind === 'delay') await passed(clock, fault.delayMs);
  if (response.destroyed) return;
  const sent = fault?.kind === 'corrupt' ? corrupted(answer.body) : answer.body;
  const { connection: _, 'transfer-encoding': __, 'keep-alive': ___, ...headers } = answer.headers;
  response.writeHead(answer.status, { ...headers, 'content-length': sent.length });
  if (fault?.kind === 'drip') {
    for (const byte of sent) {
      if (response.destroyed) return;
      response.write(Buffer.of(byte));
      await passed(clock, fault.delayMs);
    }
    return void response.end();
  }
  response.end(sent, () => {
    if (fault?.kind !== 'duplicate') return;
    const head = `HTTP/1.1 ${answer.status} OK\r\ncontent-length: ${sent.length}\r\n\r\n`;
    response.socket?.end(Buffer.concat([Buffer.from(head), sent]));
  });
}

/** Bytes with one changed in the middle. */
export function corrupted(bytes: Buffer, from = 0): Buffer {
  const changed = Buffer.from(bytes);
  const at = from + Math.floor((changed.length - from) / 2);
  if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ 0x5a;
  return changed;
}

/** Resolves when a clock's time has passed. */
export const passed = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.setTimer(delayMs, resolve));

function forward(incoming: IncomingMessage, body: Buffer, target: URL): Promise<Answer> {
  const send = target.protocol === 'https:' || target.protocol === 'wss:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send(
      {
        hostname: target.hostname,
        port: target.port,
        method: incoming.method,
        path: incoming.url,
        headers: {
          ...incoming.headers,
          host: target.host,
          'accept-encoding': 'identity',
          'content-length': body.length,
        },
        agent: false,
      },
      (answer) => {
        wholeOf(answer).then(
          (whole) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: whole }),
          reject,
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function wholeOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
