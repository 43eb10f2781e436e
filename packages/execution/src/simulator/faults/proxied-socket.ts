import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectSecurely } from 'node:tls';
import type { Clock } from '@perpdesk/core';
import { corrupted, passed } from './proxied-request.ts';
import type { ProxyScript, StruckProxyFault } from './proxy-script.ts';
import { isDataFrame, payloadStart, WebSocketFrames } from './web-socket-frames.ts';

/** A WebSocket that goes through a proxy. */
export interface ProxiedSocket {
  /** Ends both sides without a word. */
  cut(): void;
  /** Keeps both sides and passes nothing any more. */
  freeze(): void;
}

/** Forwards a WebSocket to the venue, frame by frame, through whatever strikes it. */
export function proxiedSocket(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  parts: { readonly target: URL; readonly script: ProxyScript; readonly clock: Clock; readonly ended: () => void },
): ProxiedSocket {
  const { target } = parts;
  const secure = target.protocol === 'https:' || target.protocol === 'wss:';
  const port = Number(target.port || (secure ? 443 : 80));
  const venue: Socket = secure
    ? connectSecurely({ host: target.hostname, port, servername: target.hostname })
    : connect({ host: target.hostname, port });
  const link = { frozen: false };
  const cut = (): void => {
    client.destroy();
    venue.destroy();
  };
  const freeze = (): void => {
    link.frozen = true;
  };
  for (const side of [client, venue]) {
    side.on('error', cut);
    side.on('close', () => {
      if (!link.frozen) cut();
      parts.ended();
    });
  }
  venue.write(handshake(request, target));
  venue.write(head);
  const toVenue = direction('to-venue', venue, { ...parts, cut, freeze });
  const toClient = direction('to-client', client, { ...parts, cut, freeze });
  client.on('data', (bytes: Buffer) => {
    if (!link.frozen) toVenue(bytes);
  });
  let greeting: Buffer | undefined = Buffer.alloc(0);
  venue.on('data', (bytes: Buffer) => {
    if (link.frozen) return;
    if (greeting === undefined) return toClient(bytes);
    greeting = Buffer.concat([greeting, bytes]);
    const end = greeting.indexOf('\r\n\r\n');
    if (end < 0) return;
    client.write(greeting.subarray(0, end + 4));
    const rest = greeting.subarray(end + 4);
    greeting = undefined;
    if (rest.length > 0) toClient(rest);
  });
  return { cut, freeze };
}

/** The client's request as the venue is to read it. */
function handshake(request: IncomingMessage, target: URL): string {
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    lines.push(`${name}: ${name.toLowerCase() === 'host' ? target.host : request.rawHeaders[i + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Passes the frames of one direction on, in order unless a fault has it otherwise. */
function direction(
  name: 'to-client' | 'to-venue',
  to: Duplex,
  parts: { readonly script: ProxyScript; readonly clock: Clock; readonly cut: () => void; readonly freeze: () => void },
): (bytes: Buffer) => void {
  const frames = new WebSocketFrames();
  let held: Buffer | undefined;
  let queue = Promise.resolve();
  const write = (frame: Buffer): void => {
    if (!to.destroyed) to.write(frame);
  };
  const pass = async (frame: Buffer, fault: StruckProxyFault | undefined): Promise<void> => {
    if (fault?.kind === 'reorder') {
      held = frame;
      return;
    }
    if (fault?.kind === 'delay') await passed(parts.clock, fault.delayMs);
    if (fault?.kind === 'drip') {
      for (const byte of frame) {
        write(Buffer.of(byte));
        await passed(parts.clock, fault.delayMs);
      }
    } else {
      write(fault?.kind === 'corrupt' ? corrupted(frame, payloadStart(frame)) : frame);
    }
    if (fault?.kind === 'duplicate') write(frame);
    if (held !== undefined) {
      write(held);
      held = undefined;
    }
  };
  return (bytes) => {
    for (const frame of frames.push(bytes)) {
      const text = name === 'to-client' ? frame.subarray(payloadStart(frame)).toString('utf8') : '';
      const fault = isDataFrame(frame) ? parts.script.strike({ on: 'socket', direction: name, text }) : undefined;
      if (fault?.kind === 'cut' || fault?.kind === 'cut-after') return parts.cut();
      if (fault?.kind === 'half-open') return parts.freeze();
      queue = queue.then(() => pass(frame, fault));
    }
  };
}
