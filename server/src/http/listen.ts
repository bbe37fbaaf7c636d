/** Decides how a port is opened and closed: a taken port is told plainly, and closing lets answers under way finish. */
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { CodeSageError } from '../errors.ts';

export type Listener = {
  port: number;
  isListening: () => boolean;
  /** Stops accepting, waits up to `drainMs` for answers under way, then cuts what is left. Idempotent. */
  close: (drainMs: number) => Promise<void>;
};

export type ListenOptions = {
  port: number;
  host?: string | undefined;
  receiveTimeoutMs: number /** Named in the error about a taken port. */;
  flag: string;
};

/**
 * Opens the port.
 * @throws CodeSageError `PortInUse`, or `ConfigInvalid` when the address cannot be bound.
 */
export async function listen(app: Hono, { port, host, receiveTimeoutMs, flag }: ListenOptions): Promise<Listener> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      requestTimeout: receiveTimeoutMs,
      headersTimeout: Math.min(receiveTimeoutMs, 10_000),
      keepAliveTimeout: 65_000,
    },
  }) as Server;
  await bind(server, port, host, flag);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    isListening: () => server.listening,
    close: (drainMs) => closeServer(server, drainMs),
  };
}

function bind(server: Server, port: number, host: string | undefined, flag: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindFault(error, port, host, flag)));
    server.listen({ port, ...(host !== undefined && { host }) }, () => resolve());
  });
}

function bindFault(error: NodeJS.ErrnoException, port: number, host: string | undefined, flag: string): CodeSageError {
  const where = host === undefined ? `port ${port}` : `${host}:${port}`;
  if (error.code === 'EADDRINUSE') {
    return new CodeSageError(
      'PortInUse',
      `Another program already listens on ${where}.`,
      `Stop it, or choose another port with ${flag}.`,
      { cause: error },
    );
  }
  if (error.code === 'EACCES') {
    return new CodeSageError(
      'ConfigInvalid',
      `This user may not listen on ${where}.`,
      `Choose a port above 1023 with ${flag}.`,
      { cause: error },
    );
  }
  return new CodeSageError(
    'ConfigInvalid',
    `Cannot listen on ${where}: ${error.message}.`,
    'Check --host and the port.',
    { cause: error },
  );
}

async function closeServer(server: Server, drainMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection that finishes its answer now is kept alive by Node, and would hold the close up until its time is over.
  const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  server.closeIdleConnections();
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

const sweepMs = 50;
