/**
 * Decides what a real git server is for us: git's own `http-backend` behind an HTTP server of one function, as smart
 * HTTP, read-only, with basic authentication and TLS where asked for. Run as a program it serves until it is killed:
 * `git-server.ts ROOT PORT [ADDRESS]`.
 */
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from './pki.ts';

export type GitServerOptions = {
  /** Folder whose bare or ordinary repositories are served by their path below it. */
  root: string;
  /** Default: any free one. */
  port?: number;
  /** Where it listens; default 127.0.0.1. */
  address?: string;
  /** Only this user with this password is served. */
  credentials?: { username: string; password: string };
  /** Serves https with this certificate. */
  tls?: KeyPair;
};

/** A running git server. `requests` counts what it was asked, e.g. to see that nobody polls too often. */
export type GitServer = { url: string; port: number; requests(): number; stop(): Promise<void> };

/** Serves the repositories of a folder, to this machine alone unless an address says otherwise. */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  let requests = 0;
  const listener: RequestListener = (request, response) => {
    requests++;
    if (isAllowed(request.headers.authorization, options.credentials)) return backend(options.root, request, response);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('Authentication required\n');
  };
  const { tls } = options;
  const server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }, listener) : createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, options.address ?? '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests: () => requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whether the Authorization header names the one user, or anyone may come. */
export function isAllowed(header: string | undefined, credentials: GitServerOptions['credentials']): boolean {
  if (credentials === undefined) return true;
  const expected = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  return header === `Basic ${expected}`;
}

/** Answers one request by running `git http-backend` as the CGI program that it is (RFC 3875). */
function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const header = (name: string) => request.headers[name]?.toString() ?? '';
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      // The repositories may belong to another user than the server's.
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      GIT_CONFIG_KEY_1: 'http.receivepack',
      GIT_CONFIG_VALUE_1: 'false',
      GIT_PROTOCOL: header('git-protocol'),
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: header('content-length'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      REMOTE_ADDR: request.socket.remoteAddress ?? '',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  response.on('close', () => child.kill());
  child.on('error', () => response.writeHead(500).end());
  let head = Buffer.alloc(0);
  child.stdout.on('data', function onHead(data: Buffer) {
    head = Buffer.concat([head, data]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    child.stdout.off('data', onHead);
    const { status, headers } = parseHead(head.subarray(0, end).toString('latin1'));
    response.writeHead(status, headers);
    response.write(head.subarray(end + 4));
    child.stdout.pipe(response);
  });
  child.on('close', () => {
    if (!response.headersSent) response.writeHead(500).end();
  });
}

/** Status and headers out of a CGI program's first lines. */
export function parseHead(head: string): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const { status = '200', ...rest } = headers;
  return { status: Number.parseInt(status, 10), headers: rest };
}

if (process.argv[1] === import.meta.filename) {
  const [root = '.', port = '0', address = '127.0.0.1'] = process.argv.slice(2);
  const { url } = await startGitServer({ root, port: Number(port), address });
  process.stdout.write(`listening ${url}\n`);
}
