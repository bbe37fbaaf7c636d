/** Decides the configuration file of the server: the spec in the words of the server's own contract. */
import { paths, type ServerConfig, serverConfigSchema } from '@codesage/server/contract';
import { stringify } from 'yaml';
import { annotations } from '../../api/group.ts';
import type { ServerSpec, SourceSpec } from '../../api/server-spec.ts';
import type { Manifest } from '../../runtime/resource.ts';
import type { ConfigMap } from '../../runtime/resources.ts';
import { childNames } from '../names.ts';
import { buildAuth, buildLlm } from './access-config.ts';
import type { DesiredInput } from './input.ts';
import { childMetadata } from './metadata.ts';
import { bytesOf, secondsOf } from './units.ts';

/** Name of the file in the ConfigMap, and of its last path segment in the container. */
export const configKey = 'config.yaml';

/** `git@host:path` as a URL, which is all that the server takes. */
function cloneUrl(url: string): string {
  const short = /^([A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+):(?!\/\/)\/?(.+)$/.exec(url);
  return short === null ? url : `ssh://${short[1]}/${short[2]}`;
}

function buildSource(source: SourceSpec): ServerConfig['sources'][number] {
  const { name, git, volume, include, exclude, maxFileSize } = source;
  return {
    name,
    ...(git && {
      git: {
        url: cloneUrl(git.url),
        ...(git.ref !== undefined && { ref: git.ref }),
        intervalSeconds: secondsOf(git.interval),
        depth: git.depth,
        submodules: git.submodules,
        ...(git.secretRef && { credentialsDirectory: `${paths.credentials}/${name}` }),
        ...(git.caSecretRef && { caFile: `${paths.certificateAuthorities}/${name}/ca.crt` }),
      },
    }),
    ...(volume && { path: `${paths.volumes}/${name}` }),
    include: include ?? [],
    exclude: exclude ?? [],
    maxFileSizeBytes: bytesOf(maxFileSize),
  };
}

/** Memory of the server in MiB: all that its limit allows. */
export function maxMemoryMB({ server }: Pick<DesiredInput, 'server'>): number {
  return Math.floor(bytesOf(server.spec.resources.limits.memory) / 1024 / 1024);
}

function buildCache({ maxAge, ...cache }: DesiredInput['server']['spec']['cache']): ServerConfig['cache'] {
  return { ...cache, ...(maxAge !== undefined && { maxAgeSeconds: secondsOf(maxAge) }) };
}

/** The configuration, complete and valid. @throws ZodError when the spec breaks the server's contract, which is a bug. */
export function buildServerConfig({ server }: Pick<DesiredInput, 'server'>): ServerConfig {
  const { sources, indexing, embedding, cache, auth, llm, ingress, logging } = server.spec;
  return serverConfigSchema.parse({
    sources: sources.map(buildSource),
    embedding: buildEmbedding(embedding),
    indexing: { ...indexing, reindex: server.metadata.annotations?.[annotations.reindex] ?? '' },
    cache: buildCache(cache),
    memory: { maxMB: maxMemoryMB({ server }) },
    llm: buildLlm(llm),
    http: { basePath: ingress?.path ?? '/', allowedOrigins: auth.allowedOrigins ?? [] },
    // Behind an Ingress all clients have its address; it tells theirs, from an address of the cluster.
    limits: ingress === undefined ? {} : { trustedProxies: ['loopback', 'uniquelocal'] },
    auth: buildAuth(server),
    logging,
  });
}

function buildEmbedding({ modelVolume, ...settings }: ServerSpec['embedding']): ServerConfig['embedding'] {
  return { ...settings, ...(modelVolume && { modelDirectory: paths.model }) };
}

export function buildConfigMap(input: DesiredInput): Manifest<ConfigMap> {
  const { server } = input;
  const text = stringify(buildServerConfig(input), { lineWidth: 0, aliasDuplicateObjects: false });
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: childMetadata(server, { name: childNames(server.metadata.name).configMap, component: 'config' }),
    data: { [configKey]: text },
  };
}
