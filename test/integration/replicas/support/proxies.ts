/** Decides how plain proxies in front of servers behave: one that hands on requests, as nginx, and one of connections, as a Service. */
import { Agent, createServer as createHttpServer, request as httpRequest } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import type { Server } from './fleet.ts';

export type PlainProxy = {
  url: URL;
  /** Requests, or connections, by server. */
  counts: ReadonlyMap<string, number>;
  close: () => Promise<void>;
};

/**
 * Requests in turn to each server; one that refuses the connection is passed over, as nginx does by default
 * (`proxy_next_upstream error`, which tries no request again that was sent).
 */
export async function startRequestProxy(servers: readonly Server[]): Promise<PlainProxy> {
  const counts = new Map<string, number>();
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const proxy = createHttpServer((incoming, outgoing) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => attempt(servers.length));
    const attempt = (left: number) => {
      const server = servers[turn++ % servers.length] as Server;
      const { host: _, connection: __, ...headers } = incoming.headers;
      const upstream = httpRequest({
        host: '127.0.0.1',
        port: server.port,
        path: incoming.url,
        method: incoming.method,
        headers,
        agent,
      });
      upstream.on('response', (answer) => {
        counts.set(server.name, (counts.get(server.name) ?? 0) + 1);
        const { connection: ___, 'keep-alive': ____, ...rest } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, rest);
        answer.pipe(outgoing);
        outgoing.once('close', () => upstream.destroy());
      });
      upstream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' && left > 1) return attempt(left - 1);
        if (!outgoing.headersSent) outgoing.writeHead(502);
        outgoing.end(`${server.name}, ${upstream.reusedSocket ? 'a kept' : 'a new'} connection: ${error.code}`);
      });
      upstream.end(Buffer.concat(pieces));
    };
  });
  return listening(proxy, counts, () => agent.destroy());
}

const probeEveryMs = 200;

/** Connections in turn to each server that said it was ready when it was asked last; nothing is tried twice. */
export async function startConnectionProxy(servers: readonly Server[]): Promise<PlainProxy> {
  const counts = new Map<string, number>();
  let ready: readonly Server[] = servers;
  let turn = 0;
  const probe = setInterval(async () => {
    const states = await Promise.all(servers.map((server) => server.isReady()));
    ready = servers.filter((_, i) => states[i]);
  }, probeEveryMs);
  const proxy = createTcpServer((client) => {
    const server = ready[turn++ % ready.length];
    if (server === undefined) return void client.destroy();
    counts.set(server.name, (counts.get(server.name) ?? 0) + 1);
    const upstream = connect(server.port, '127.0.0.1');
    const end = (socket: Socket) => () => socket.destroy();
    client.on('error', end(upstream)).on('close', end(upstream));
    upstream.on('error', end(client)).on('close', end(client));
    client.pipe(upstream).pipe(client);
  });
  return listening(proxy, counts, () => clearInterval(probe));
}

function listening(proxy: NetServer, counts: ReadonlyMap<string, number>, release: () => void): Promise<PlainProxy> {
  const open = new Set<Socket>();
  proxy.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return new Promise((resolve) => {
    proxy.listen(0, '127.0.0.1', () => {
      const { port } = proxy.address() as AddressInfo;
      resolve({
        url: new URL(`http://127.0.0.1:${port}/mcp`),
        counts,
        close: async () => {
          release();
          for (const socket of open) socket.destroy();
          await new Promise((done) => proxy.close(done));
        },
      });
    });
  });
}
