/** Decides whether documents of a provider are fetched within bounds, from the host that was named, and by its certificate. */
// The X.509 library needs this to be loaded first.
import 'reflect-metadata';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import * as x509 from '@peculiar/x509';
import { afterEach, expect, test } from 'vitest';
import { FetchError, fetchJson } from './fetch-json.ts';

const options = { ca: undefined, timeoutMs: 2000 };
const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const serve = async (listener: RequestListener) => `http://${await listening(createServer(listener))}`;

test('a document is fetched and parsed', async () => {
  const url = await serve((_request, response) => response.end('{"keys":[]}'));
  expect(await fetchJson(`${url}/keys`, options)).toEqual({ keys: [] });
});

test('redirects are followed within the host, and not for ever', async () => {
  const url = await serve(({ url: path = '/' }, response) => {
    if (path === '/end') return response.end('{"found":true}');
    const location = path === '/start' ? '/end' : '/loop';
    return response.writeHead(302, { location }).end();
  });
  expect(await fetchJson(`${url}/start`, options)).toEqual({ found: true });
  await expect(fetchJson(`${url}/loop`, options)).rejects.toThrow('redirects too often');
});

test('[auth.oidc] a redirect to another host is not followed', async () => {
  let isAsked = false;
  const other = await serve((_request, response) => {
    isAsked = true;
    response.end('{}');
  });
  const url = await serve((_request, response) => response.writeHead(307, { location: `${other}/keys` }).end());
  await expect(fetchJson(url, options)).rejects.toThrow('redirects to another host');
  expect(isAsked).toBe(false);
});

test('[auth.oidc] an answer without end is cut', async () => {
  const url = await serve((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await expect(fetchJson(url, options)).rejects.toThrow('larger than 1048576 bytes');
});

test('[auth.oidc] an answer that does not come is not waited for', async () => {
  const silent = await serve(() => {});
  await expect(fetchJson(silent, { ...options, timeoutMs: 100 })).rejects.toThrow('no answer within 0.1 seconds');
  const dripping = await serve((_request, response) => {
    const drip = setInterval(() => response.write(' '), 10);
    response.once('close', () => clearInterval(drip));
  });
  await expect(fetchJson(dripping, { ...options, timeoutMs: 200 })).rejects.toThrow('no answer within');
});

test.each([
  [404, 'nothing here'],
  [500, '{}'],
])('status %i is told', async (status, body) => {
  const url = await serve((_request, response) => response.writeHead(status).end(body));
  await expect(fetchJson(url, options)).rejects.toMatchObject({ name: 'FetchError', status });
});

test('what is no JSON, and nobody there, are told as well', async () => {
  const url = await serve((_request, response) => response.end('<html>'));
  await expect(fetchJson(url, options)).rejects.toThrow('what is no JSON');
  await expect(fetchJson('http://127.0.0.1:9/', options)).rejects.toBeInstanceOf(FetchError);
});

test('[auth.oidc] only the authorities that are named are trusted', async () => {
  const [trusted, other] = [await makeAuthority('a'), await makeAuthority('b')];
  const server = createTlsServer({ key: trusted.key, cert: trusted.certificate }, (_request, response) =>
    response.end('{"keys":[]}'),
  );
  const url = `https://${await listening(server)}/`;
  expect(await fetchJson(url, { ...options, ca: trusted.certificate })).toEqual({ keys: [] });
  await expect(fetchJson(url, { ...options, ca: other.certificate })).rejects.toThrow(/self-signed|certificate/);
  await expect(fetchJson(url, options)).rejects.toThrow(/self-signed|certificate/);
});

/** A certificate for 127.0.0.1 that vouches for itself. */
async function makeAuthority(name: string): Promise<{ key: string; certificate: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    extensions: [
      new x509.BasicConstraintsExtension(true),
      new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
    ],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), certificate: certificate.toString('pem') };
}
