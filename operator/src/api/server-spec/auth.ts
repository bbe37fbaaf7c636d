/** Decides who may call a server: nobody is asked, holders of a token, or users of an OpenID provider; and what each may see. */
import { z } from 'zod';
import { endOfAuthority, field, nameReference } from '../schema.ts';

const codebaseName = z.string().min(1).max(63);

const host = '([A-Za-z0-9._-]+|\\\\[[0-9A-Fa-f:.]+\\\\])';

const providerUrl = (description: string) =>
  field(z.string().min(1).max(2048), description, {
    rules: [
      {
        // As strict as the server: it would refuse the configuration that the operator could not even write.
        rule: `isURL(self) && self.matches('^(https://${host}|http://[a-z0-9.-]+\\\\.svc(\\\\.cluster\\\\.local)?)${endOfAuthority}')`,
        message: 'must be an https:// URL (http:// only for services of the cluster, *.svc)',
      },
    ],
  });

const scope = (description: string) =>
  field(z.string().min(1).max(256), description, {
    rules: [
      {
        rule: "self.matches('^[!#-\\\\[\\\\]-~]+$')",
        message: 'must be a scope: it has no spaces, quotes or backslashes',
      },
    ],
  });

const oidc = z.object({
  issuerURL: providerUrl('Issuer of the tokens; its discovery document and keys are fetched from there.'),
  audience: field(z.string().min(1).max(1024), "What a token must name as its audience: usually the server's URL."),
  requiredScopes: field(z.array(scope('A scope.')).max(50).optional(), 'Scopes that every token must have.', {
    listType: 'atomic',
  }),
  jwksURL: providerUrl('Where the keys are, for providers without discovery.').optional(),
  caSecretRef: field(
    nameReference('Secret').optional(),
    'Secret whose key ca.crt holds the certificate authorities to trust for the provider.',
  ),
  codebaseScopePrefix: scope(
    'With "codebase:", a token sees the codebases of its scopes codebase:NAME, and all with codebase:*.',
  ).optional(),
});

export const auth = z.object({
  mode: field(
    z.enum(['None', 'Token', 'OIDC']).default('None'),
    'None: everybody who reaches the server; Token: holders of a token; OIDC: of a token of an OpenID provider.',
  ),
  tokenSecretRef: field(
    nameReference('Secret').optional(),
    'Secret of the tokens for mode Token: each key names a client, its value is the token. Changes take effect without a restart.',
  ),
  oidc: field(oidc.optional(), 'The OpenID provider for mode OIDC.'),
  grants: field(
    z
      .array(
        z.object({
          name: field(z.string().min(1).max(256), 'The client: a key of the token Secret, or the subject of a token.'),
          codebases: field(
            z.array(field(codebaseName, 'Name of a source; * is all of them.')).max(100),
            'What this client may see.',
            { listType: 'set' },
          ),
        }),
      )
      .max(500)
      .optional(),
    'What each client may see. Without any, every client sees every codebase; with some, a client without one sees nothing.',
    { listMapKeys: ['name'] },
  ),
  audit: field(
    z
      .object({
        enabled: field(z.boolean().default(true), 'Whether each tool call is logged: who, tool, codebase, outcome.'),
        arguments: field(z.boolean().default(false), 'With its arguments; keys and passwords among them are masked.'),
      })
      .prefault({}),
    'The log of tool calls.',
  ),
  allowedOrigins: field(
    z
      .array(
        field(z.string().max(512), 'An origin such as https://chat.example.com.', {
          rules: [
            {
              rule: "self.matches('^https?://[^/@\\\\s]+$')",
              message: 'must be an origin, scheme and host without a path: write for example https://chat.example.com',
            },
          ],
        }),
      )
      .max(100)
      .optional(),
    'Browser origins that may call the server; others are answered 403. Callers without an Origin header (IDEs, agents, curl) always pass.',
    { listType: 'atomic' },
  ),
});

export const authRules = [
  {
    rule: "self.mode != 'Token' || has(self.tokenSecretRef)",
    message:
      'mode Token needs tokenSecretRef: write the name of a Secret whose keys are clients and whose values are tokens',
  },
  {
    rule: "self.mode != 'OIDC' || has(self.oidc)",
    message: 'mode OIDC needs oidc: write issuerURL and audience',
  },
  {
    rule: '!has(self.grants) || !has(self.oidc) || !has(self.oidc.codebaseScopePrefix)',
    message: 'either grants or oidc.codebaseScopePrefix decides what a client may see: leave one of them out',
  },
];
