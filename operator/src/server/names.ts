/** Decides how the children of a CodeSageServer are named. */
import type { CodeSageServer } from '../api/kinds.ts';

/** Names of the children of a server of this name. */
export function childNames(server: string) {
  return {
    deployment: server,
    /** What clients connect to; has the name of the resource. */
    service: server,
    internalService: `${server}-internal`,
    ingress: server,
    configMap: `${server}-config`,
    token: `${server}-internal-token`,
    claim: `${server}-index`,
  } as const;
}

/** The claim that holds the index: the user's own, or the one that the operator makes. */
export function claimNameOf(server: CodeSageServer): string {
  return server.spec.storage.existingClaim ?? childNames(server.metadata.name).claim;
}

/** Number of pods that are wanted. */
export function wantedReplicas(server: CodeSageServer): number {
  return server.spec.suspend ? 0 : server.spec.replicas;
}

/** Names of all Secrets that a server reads when it starts, each once: of sources, and of the trust in an OpenID provider. */
export function startSecretNames(server: CodeSageServer): string[] {
  const { sources, auth } = server.spec;
  const names = sources.flatMap(({ git }) => [git?.secretRef?.name, git?.caSecretRef?.name]);
  const provider = auth.mode === 'OIDC' ? auth.oidc?.caSecretRef?.name : undefined;
  return [...new Set([...names, provider].filter((name) => name !== undefined))];
}

/** Names of the Secrets that a running server reads again when they change: of tokens, of model providers. */
export function reloadedSecretNames(server: CodeSageServer): string[] {
  const { auth, llm } = server.spec;
  const keys = (llm.providers ?? []).map(({ apiKeySecretRef }) => apiKeySecretRef.name);
  const tokens = auth.mode === 'Token' ? auth.tokenSecretRef?.name : undefined;
  return [...new Set([...keys, tokens].filter((name) => name !== undefined))];
}

/** Names of all Secrets that the spec names; a change of one concerns the server. */
export function referencedSecretNames(server: CodeSageServer): string[] {
  const { ingress, image } = server.spec;
  const others = [ingress?.tls?.secretName, ...(image.pullSecrets ?? []).map(({ name }) => name)];
  return [
    ...new Set([
      ...startSecretNames(server),
      ...reloadedSecretNames(server),
      ...others.filter((name) => name !== undefined),
    ]),
  ];
}

/** Names of the volume claims of the sources. */
export function sourceClaimNames(server: CodeSageServer): string[] {
  return [...new Set(server.spec.sources.map(({ volume }) => volume?.claimName).filter((name) => name !== undefined))];
}

/** The claim that holds the embedding model, if the spec names one. */
export function modelClaimName(server: CodeSageServer): string | undefined {
  return server.spec.embedding.modelVolume?.claimName;
}

/** Names of all volume claims that the spec names, beside that of the index. */
export function mountedClaimNames(server: CodeSageServer): string[] {
  const model = modelClaimName(server);
  return [...new Set([...sourceClaimNames(server), ...(model === undefined ? [] : [model])])];
}
