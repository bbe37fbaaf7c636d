/** Decides how a port is opened and closed: a taken port is told plainly, and closing lets answers under way finish. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { CodeSageError } from '../errors.ts';
import { createFairGate, type HttpLimits } from './limits.ts';

export type Listener = {
  port: number;
  isListening: () => boolean;
  /** Goes on accepting, but asks every caller not to use its connection again: each answer closes it. */
  beginDrain: () => void;
  /** Stops accepting, waits up to `drainMs` for answers under way, then cuts what is left. Idempotent. */
  close: (drainMs: number) => Promise<void>;
};

export type ListenOptions = {
  port: number;
  host?: string | undefined;
  limits: Pick<HttpLimits, 'receiveSeconds' | 'requestSeconds' | 'connections'>;
  /** Named in the error about a taken port. */
  flag: string;
};

/** Bytes of all headers of a request, and how many there may be: more are dropped before anything reads them. */
const maxHeaderSize = 16 * 1024;
const maxHeaders = 100;

/**
 * Opens the port.
 * @throws CodeSageError `PortInUse`, or `ConfigInvalid` when the address cannot be bound.
 */
export async function listen(app: Hono, { port, host, limits, flag }: ListenOptions): Promise<Listener> {
  const receiveMs = limits.receiveSeconds * 1000;
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      requestTimeout: receiveMs,
      headersTimeout: Math.min(receiveMs, 10_000),
      // How late the two above may be: a connection that never sends a byte is ended by them, too.
      connectionsCheckingInterval: Math.min(receiveMs, 2000),
      keepAliveTimeout: 65_000,
      maxHeaderSize,
      // A client whose machine is gone never closes: the system asks after it.
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    },
  }) as Server;
  server.maxHeadersCount = maxHeaders;
  // Nothing went over the connection for longer than any request may take: who should read the answer does not.
  server.setTimeout((limits.requestSeconds + limits.receiveSeconds) * 1000);
  refuseTooMany(server, limits.connections);
  const connections = trackConnections(server);
  await bind(server, port, host, flag);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    isListening: () => server.listening,
    beginDrain: () => {
      server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    },
    close: (drainMs) => closeServer(server, connections, drainMs),
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

/** Closes connections for which there is no place, so that one address with idle ones leaves room for others. */
function refuseTooMany(server: Server, connections: number): void {
  const gate = createFairGate(() => ({ places: connections, perClient: connections }));
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (gate.tryEnter(address)) socket.once('close', () => gate.leave(address));
    else socket.destroy();
  });
}

/** Knows which connections are in the middle of a request; Node itself counts one that never sent a byte as busy. */
function trackConnections(server: Server): { closeIdle: () => void } {
  const idle = new Set<Socket>();
  let closing = false;
  server.on('connection', (socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => {
      if (socket.destroyed) return;
      idle.add(socket);
      if (closing) socket.destroySoon();
    });
  });
  return {
    closeIdle: () => {
      closing = true;
      for (const socket of idle) socket.destroySoon();
    },
  };
}

async function closeServer(server: Server, connections: { closeIdle: () => void }, drainMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  connections.closeIdle();
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(cut);
}
