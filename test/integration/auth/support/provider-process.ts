/** Decides how a test runs the OpenID provider: started, stopped and started again with other keys, on one port. */
import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair, type CryptoKey as JoseKey, type JWTPayload, SignJWT } from 'jose';
import type { ProviderOrder } from './openid-provider.ts';

/** A key of the provider; the test can sign with it, too. */
export type SigningKey = { kid: string; privateKey: JoseKey; publicKey: JoseKey; jwk: object };

export async function makeKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' } };
}

/** Signs claims as the provider would. */
export function signWith({ kid, privateKey }: SigningKey, claims: JWTPayload): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ: 'at+jwt' }).sign(privateKey);
}

export type ProviderProcess = {
  issuer: string;
  /** Starts it, with these keys. */
  start: (keys: readonly SigningKey[]) => Promise<void>;
  stop: () => Promise<void>;
  /** An access token of the client, by its secret. */
  token: (client: string, scope: string) => Promise<string>;
};

const script = fileURLToPath(new URL('./openid-provider.ts', import.meta.url));

/** @param resource what tokens are for when nobody says */
export async function createProvider(resource: string, scopes: string): Promise<ProviderProcess> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const stop = async () => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
  };
  return {
    issuer,
    stop,
    start: async (keys) => {
      await stop();
      const started = fork(script, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      child = started;
      let errors = '';
      started.stderr?.on('data', (text: Buffer) => {
        errors += text.toString();
      });
      const listening = new Promise<void>((resolve, reject) => {
        started.once('message', () => resolve());
        started.once('exit', (code) => reject(new Error(`the provider ended with ${code}: ${errors}`)));
      });
      started.send({ port, resource, scopes, keys: keys.map(({ jwk }) => jwk) } satisfies ProviderOrder);
      await listening;
    },
    token: async (client, scope) => {
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { Authorization: `Basic ${Buffer.from(`${client}:secret-of-${client}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource }),
      });
      const answer = (await response.json()) as { access_token?: string };
      if (answer.access_token === undefined) throw new Error(`no token: ${JSON.stringify(answer)}`);
      return answer.access_token;
    },
  };
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
