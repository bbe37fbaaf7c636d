/** Decides whether the clients of both SDKs find their own way to a token: from the refusal to the provider and back. */
import {
  Client as V2Client,
  ClientCredentialsProvider as V2Credentials,
  StreamableHTTPClientTransport as V2Transport,
  UnauthorizedError as V2Unauthorized,
} from '@modelcontextprotocol/client';
import { UnauthorizedError as V1Unauthorized } from '@modelcontextprotocol/sdk/client/auth.js';
import { ClientCredentialsProvider as V1Credentials } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../mcp/support/server-process.ts';
import { logIn } from './support/browser.ts';
import {
  choosePorts,
  createWorkspace,
  type GuardedServer,
  startGuarded,
  type Workspace,
} from './support/guarded-server.ts';
import { createProvider, makeKey, type ProviderProcess } from './support/provider-process.ts';

const info = { name: 'codesage-test', version: '0' };
const redirectUrl = 'http://127.0.0.1:9/callback';
let workspace: Workspace;
let provider: ProviderProcess;
let server: GuardedServer;

describe.each([
  { where: 'at the root', basePath: '/' },
  { where: 'below a prefix', basePath: '/team/code' },
])('$where', ({ basePath }) => {
  let resource: URL;

  beforeAll(async () => {
    const ports = await choosePorts();
    resource = new URL(`${basePath.replace(/\/$/, '')}/mcp`, ports.url);
    workspace = await createWorkspace();
    provider = await createProvider(resource.href, 'mcp codebase:shop codebase:*');
    await provider.start([await makeKey('one')]);
    const oidc = { issuerURL: provider.issuer, audience: resource.href, requiredScopes: ['mcp'] };
    server = await startGuarded(workspace, { http: { basePath }, auth: { mode: 'OIDC', oidc } }, ports);
  });
  afterAll(async () => {
    await server?.stop();
    await provider?.stop();
    await workspace?.remove();
  });

  /** What both SDKs ask of a program that logs people in. It registers itself, keeps what it is given, and opens a browser. */
  function createLogin() {
    const kept: { client?: object; tokens?: object; verifier?: string; opened?: URL; found?: object } = {};
    return {
      kept,
      redirectUrl,
      clientMetadata: {
        client_name: 'test',
        redirect_uris: [redirectUrl],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
      clientInformation: () => kept.client as never,
      saveClientInformation: (client: object) => {
        kept.client = client;
      },
      tokens: () => kept.tokens as never,
      saveTokens: (tokens: object) => {
        kept.tokens = tokens;
      },
      redirectToAuthorization: (url: URL) => {
        kept.opened = url;
      },
      saveCodeVerifier: (verifier: string) => {
        kept.verifier = verifier;
      },
      codeVerifier: () => kept.verifier ?? '',
      discoveryState: () => kept.found as never,
      saveDiscoveryState: (found: object) => {
        kept.found = found;
      },
    };
  }

  async function back(opened: URL | undefined): Promise<URLSearchParams> {
    if (opened === undefined) throw new Error('the client opened no browser');
    expect(opened.searchParams.get('resource')).toBe(resource.href);
    expect(opened.searchParams.get('code_challenge_method')).toBe('S256');
    return logIn(opened, 'alice', redirectUrl);
  }

  test('[auth.metadata] the client of SDK v1 logs a person in', async () => {
    const login = createLogin();
    const first = new V1Transport(resource, { authProvider: login });
    await expect(new V1Client(info).connect(first)).rejects.toBeInstanceOf(V1Unauthorized);
    await first.finishAuth((await back(login.kept.opened)).get('code') ?? '');
    const client = new V1Client(info);
    await client.connect(new V1Transport(resource, { authProvider: login }));
    const { structuredContent } = await client.callTool({ name: 'list_codebases', arguments: {} });
    expect(structuredContent).toMatchObject({ codebases: [{ name: 'shop' }, { name: 'secret' }] });
    await client.close();
    const isAudited = async () => server.lines().some((line) => line.audit === true && line.caller === 'alice');
    await eventually(isAudited, 'the line of the call', server.logs);
  });

  test('[auth.metadata] the client of SDK v2 logs a person in', async () => {
    const login = createLogin();
    const first = new V2Transport(resource, { authProvider: login });
    await expect(new V2Client(info).connect(first)).rejects.toBeInstanceOf(V2Unauthorized);
    await first.finishAuth(await back(login.kept.opened));
    const client = new V2Client(info);
    await client.connect(new V2Transport(resource, { authProvider: login }));
    const { structuredContent } = await client.callTool({ name: 'list_codebases', arguments: {} });
    expect(structuredContent).toMatchObject({ codebases: [{ name: 'shop' }, { name: 'secret' }] });
    await client.close();
  });

  const credentials = { clientId: 'ci', clientSecret: 'secret-of-ci', scope: 'mcp' };

  test('[auth.metadata] the client of SDK v1 gets in by a secret of its own', async () => {
    const authProvider = new V1Credentials({ ...credentials, expectedIssuer: provider.issuer });
    const client = new V1Client(info);
    await client.connect(new V1Transport(resource, { authProvider }));
    expect((await client.listTools()).tools.length).toBeGreaterThan(10);
    await client.close();
  });

  test('[auth.metadata] the client of SDK v2 gets in by a secret of its own', async () => {
    const authProvider = new V2Credentials({ ...credentials, expectedIssuer: provider.issuer });
    const client = new V2Client(info);
    await client.connect(new V2Transport(resource, { authProvider }));
    expect((await client.listTools()).tools.length).toBeGreaterThan(10);
    await client.close();
  });
});
