/** Decides what the OpenID provider of these tests is: oidc-provider in a process of its own, on loopback, with keys that the test chose. */
import process from 'node:process';
import { Provider } from 'oidc-provider';

/** What the parent sends first. */
export type ProviderOrder = { port: number; keys: object[]; resource: string; scopes: string };

process.once('message', (order: ProviderOrder) => void serve(order));
// Never left behind by a test that ended in the middle.
process.once('disconnect', () => process.exit(0));

async function serve({ port, keys, resource, scopes }: ProviderOrder): Promise<void> {
  const issuer = `http://127.0.0.1:${port}`;
  const client = (client_id: string, scope: string) => ({
    client_id,
    client_secret: `secret-of-${client_id}`,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope,
  });
  const provider = new Provider(issuer, {
    clients: [client('ci', 'mcp codebase:shop'), client('admin', 'mcp codebase:*'), client('poor', 'codebase:shop')],
    jwks: { keys },
    cookies: { keys: ['a key for cookies of a test'] },
    scopes: scopes.split(' '),
    features: {
      clientCredentials: { enabled: true },
      registration: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, asked: string) => ({
          scope: scopes,
          audience: asked,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    clientDefaults: { scope: scopes },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  const server = provider.listen(port, '127.0.0.1', () => process.send?.('listening'));
  server.once('error', (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
