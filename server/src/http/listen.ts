/** Decides how a port is opened and closed: a taken port is told plainly, and closing lets answers under way finish. */
import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { CodeSageError } from '../errors.ts';
import { createFairGate, type HttpLimits } from './limits.ts';

export type Listener = {
  port: number;
  isListening: () => boolean;
  /** Goes on accepting, but asks every caller not to use its connection again: each answer closes it. */
  beginDrain: () => void;
  /**
   * Stops accepting, waits up to `drainMs` for answers under way, then cuts what is left. Connections without a request
   * are closed at once, or with `lets: 'idle'` when nobody is to be expected on them any more. Idempotent.
   */
  close: (drainMs: number, lets?: 'idle') => Promise<void>;
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
 * For so long clients are told that they may use an idle connection again. Nothing can be closed under the request of who
 * keeps to it. Proxies that do not, and that keep connections for a minute, are let.
 */
const reuseMs = 5000;
const reuseAllowedMs = 65_000;

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
      keepAliveTimeout: reuseMs,
      keepAliveTimeoutBuffer: reuseAllowedMs - reuseMs,
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
  let isClosing = false;
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    isListening: () => server.listening && !isClosing,
    beginDrain: connections.drain,
    close: (drainMs, lets) => {
      isClosing = true;
      return closeServer(server, connections, drainMs, lets === 'idle' ? reuseMs : 0);
    },
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

type Connections = {
  /** Has each answer close its connection from now on. */
  drain: () => void;
  /** Milliseconds until every connection without a request has had none for `ms`. */
  untilIdleFor: (ms: number) => number;
  closeIdle: () => void;
};

/** Knows which connections are in the middle of a request; Node itself counts one that never sent a byte as busy. */
function trackConnections(server: Server): Connections {
  const idleSince = new Map<Socket, number>();
  let closing = false;
  let draining = false;
  server.on('connection', (socket) => {
    idleSince.set(socket, performance.now());
    socket.once('close', () => idleSince.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    idleSince.delete(socket);
    response.once('close', () => {
      if (socket.destroyed) return;
      idleSince.set(socket, performance.now());
      if (closing) socket.destroySoon();
    });
  });
  return {
    drain: () => {
      if (!draining) server.prependListener('request', (_, response) => response.setHeader('Connection', 'close'));
      draining = true;
    },
    untilIdleFor: (ms) => Math.max(0, ...[...idleSince.values()].map((since) => since + ms - performance.now())),
    closeIdle: () => {
      closing = true;
      for (const socket of idleSince.keys()) socket.destroySoon();
    },
  };
}

/** A turn of the event loop that took no longer has nothing waiting. */
const quietMs = 2;
const mostTurns = 100;

/**
 * Resolves when the connections that the system holds for this process are taken. Those that it still holds when the port
 * is closed are reset, although their callers think that they are connected: on a busy machine that may be several.
 */
async function allAccepted(): Promise<void> {
  for (let turn = 0; turn < mostTurns; turn++) {
    const startedAt = performance.now();
    // Runs right after the event loop has taken all connections.
    await nextTurn();
    if (turn > 0 && performance.now() - startedAt < quietMs) return;
  }
}

async function closeServer(server: Server, connections: Connections, drainMs: number, idleMs: number): Promise<void> {
  if (!server.listening) return;
  connections.drain();
  await allAccepted();
  // The http server's own method closes idle connections, too, at once.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  const isClosed = await Promise.race([
    closed.then(() => true),
    delay(connections.untilIdleFor(idleMs), false, { ref: false }),
  ]);
  if (!isClosed) connections.closeIdle();
  await closed;
  clearTimeout(cut);
  // Ends the timer that looks for requests which do not arrive.
  server.close();
}
