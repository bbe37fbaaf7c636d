/** Decides how tests serve git over HTTP: git's own http-backend behind a small server that may ask for a password. */
import { spawn } from 'node:child_process';
import { createServer as createHttp, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';
import type { Cleanups } from './harness.ts';

export type GitServerOptions = {
  /** Directory whose subdirectories are repositories. */
  root: string;
  credentials?: { username: string; password: string };
  tls?: { key: string; cert: string };
};
export type GitServer = { url: string; port: number; authorizations: string[]; requests: string[] };

/** Serves the repositories below `root` on a free port of the loopback interface, until the test ends. */
export async function serveGit(cleanups: Cleanups, options: GitServerOptions): Promise<GitServer> {
  const authorizations: string[] = [];
  const requests: string[] = [];
  const { credentials } = options;
  const expected =
    credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  const listener: RequestListener = (request, response) => {
    requests.push(request.url ?? '');
    const given = request.headers.authorization;
    if (given !== undefined) authorizations.push(given);
    if (expected !== undefined && given !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return;
    }
    runBackend(options.root, request, response);
  };
  const server = options.tls === undefined ? createHttp(listener) : createHttps(options.tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.add(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${options.tls === undefined ? 'http' : 'https'}://localhost:${port}`, port, authorizations, requests };
}

/** Speaks CGI with git http-backend. */
function runBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
    },
  });
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  body.pipe(child.stdin);
  child.stdin.on('error', () => {});
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    const headers = output.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n');
    let status = 200;
    for (const header of headers) {
      const [name = '', ...value] = header.split(':');
      if (name.toLowerCase() === 'status') status = Number.parseInt(value.join(':').trim(), 10);
      else if (name !== '') response.setHeader(name, value.join(':').trim());
    }
    response.writeHead(status).end(output.subarray(end + 4));
  });
}
