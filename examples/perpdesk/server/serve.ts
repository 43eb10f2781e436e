import { createAdaptorServer } from '@hono/node-server';
import { ConfigError, type Logger } from '@perpdesk/core';
import type { RunningDesk } from './desk.ts';
import { feedTypes } from './feed-types.ts';
import { builtPage, createApp } from './http/app.ts';
import { EventStream } from './http/event-stream.ts';
import type { ServerOptions } from './options.ts';

/** The product's web server, on loopback only. */
export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the page, the snapshots and the stream. @throws ConfigError `port.in-use`, `port.refused` */
export async function serve(
  desk: RunningDesk,
  options: Pick<ServerOptions, 'port'>,
  logger: Logger,
): Promise<RunningServer> {
  const stream = new EventStream({
    eventBus: desk.eventBus,
    marketBus: desk.marketBus,
    types: feedTypes,
    status: () => desk.status(),
    nowMs: () => desk.status().atMs,
    logger,
  });
  const app = createApp({ desk, stream, userId: desk.userId, feedTypes, webDirectory: builtPage, logger });
  const server = createAdaptorServer({ fetch: app.fetch });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new ConfigError(
              'port.in-use',
              `Port ${options.port} is in use; choose another with --port, or --port 0 for a free one.`,
              { cause },
            )
          : new ConfigError('port.refused', `Port ${options.port} can not be opened: ${cause.message}.`, { cause }),
      ),
    );
    server.listen(options.port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : options.port);
    });
  });
  await stream.start();
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      stream.stop();
      return new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}
