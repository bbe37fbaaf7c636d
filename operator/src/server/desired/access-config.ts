/**
 * Decides how the server is told who may call it and which language models it may ask, and where the Secrets for both are
 * mounted: tokens and keys so that a change reaches a running server, which reads them again.
 */
import { paths, type ServerConfigInput } from '@codesage/server/contract';
import type { V1SecretProjection, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { CodeSageServer } from '../../api/kinds.ts';
import type { ServerSpec } from '../../api/server-spec.ts';
import type { Wire } from '../../runtime/resource.ts';
import { publicUrlOf } from '../url.ts';

/** No source has this name: theirs hold no underscore. */
const providerAuthority = `${paths.certificateAuthorities}/_oidc/ca.crt`;
const keyFileOf = (provider: string) => `${paths.llmKeys}/${provider}/api-key`;
const readableByGroup = 0o440;

export function buildLlm({ providers = [], ...settings }: ServerSpec['llm']): ServerConfigInput['llm'] {
  return {
    ...settings,
    providers: providers.map(({ apiKeySecretRef: _, ...provider }) => ({
      ...provider,
      apiKeyFile: keyFileOf(provider.name),
    })),
  };
}

export function buildAuth(server: CodeSageServer): ServerConfigInput['auth'] {
  const { mode, oidc, grants, audit } = server.spec.auth;
  if (mode === 'None') return { mode, audit };
  const resourceURL = publicUrlOf(server);
  return {
    mode,
    audit,
    ...(grants !== undefined && { grants }),
    ...(mode === 'OIDC' && oidc !== undefined && { oidc: buildOidc(oidc) }),
    ...(resourceURL !== undefined && { resourceURL }),
  };
}

function buildOidc({ caSecretRef, ...oidc }: NonNullable<ServerSpec['auth']['oidc']>) {
  return { ...oidc, ...(caSecretRef !== undefined && { caFile: providerAuthority }) };
}

/**
 * Parts of the volume of the configuration; `inConfig` makes a path relative to it. All are optional: a missing key costs its
 * provider and a condition says so, and not the whole pod.
 */
export function accessSecrets(
  { spec: { auth, llm } }: CodeSageServer,
  inConfig: (path: string) => string,
): Wire<V1SecretProjection>[] {
  const authority = auth.mode === 'OIDC' ? auth.oidc?.caSecretRef?.name : undefined;
  return [
    ...(llm.providers ?? []).map(({ name, apiKeySecretRef }) => ({
      name: apiKeySecretRef.name,
      optional: true,
      items: [{ key: apiKeySecretRef.key, path: inConfig(keyFileOf(name)) }],
    })),
    ...(authority === undefined
      ? []
      : [{ name: authority, optional: true, items: [{ key: 'ca.crt', path: inConfig(providerAuthority) }] }]),
  ];
}

const tokensVolumeName = 'auth-tokens';

/** The tokens have a volume of their own: the names of its keys are the clients', so none can be listed beforehand. */
export function tokenVolumes({ spec: { auth } }: CodeSageServer): Wire<V1Volume>[] {
  if (auth.mode !== 'Token' || auth.tokenSecretRef === undefined) return [];
  const { name: secretName } = auth.tokenSecretRef;
  return [{ name: tokensVolumeName, secret: { secretName, optional: true, defaultMode: readableByGroup } }];
}

export function tokenMounts(server: CodeSageServer): Wire<V1VolumeMount>[] {
  return tokenVolumes(server).map(({ name }) => ({ name, mountPath: paths.authTokens, readOnly: true }));
}
