/** Decides what is mounted where in a server pod. */
import { createHash } from 'node:crypto';
import { paths } from '@codesage/server/contract';
import type { V1SecretProjection, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { CodeSageServer } from '../../api/kinds.ts';
import type { Wire } from '../../runtime/resource.ts';
import { childNames, claimNameOf } from '../names.ts';
import { accessSecrets, tokenMounts, tokenVolumes } from './access-config.ts';
import { configKey } from './config.ts';
import type { DesiredInput } from './input.ts';
import { tokenKey } from './token-secret.ts';

type Volume = Wire<V1Volume>;
type Mount = Wire<V1VolumeMount>;

/** All below this directory comes from one projected volume, for volumes cannot be nested in a read-only one. */
const configDirectory = '/etc/codesage';
/** Keys that a git credentials Secret may have. */
export const credentialKeys = ['username', 'password', 'ssh-privatekey', 'known_hosts'] as const;
const readableByGroup = 0o440;

function inConfig(path: string): string {
  return path.slice(configDirectory.length + 1);
}

/** Secrets of sources are optional: a missing one fails its source, which says so, and not the whole pod. */
function sourceSecrets(server: CodeSageServer): Wire<V1SecretProjection>[] {
  return server.spec.sources.flatMap(({ name, git }) => {
    const credentials = git?.secretRef && {
      name: git.secretRef.name,
      optional: true,
      items: credentialKeys.map((key) => ({ key, path: `${inConfig(paths.credentials)}/${name}/${key}` })),
    };
    const authorities = git?.caSecretRef && {
      name: git.caSecretRef.name,
      optional: true,
      items: [{ key: 'ca.crt', path: `${inConfig(paths.certificateAuthorities)}/${name}/ca.crt` }],
    };
    return [credentials, authorities].filter((secret) => secret !== undefined);
  });
}

function configVolume(server: CodeSageServer): Volume {
  const names = childNames(server.metadata.name);
  return {
    name: 'config',
    projected: {
      defaultMode: readableByGroup,
      sources: [
        { configMap: { name: names.configMap, items: [{ key: configKey, path: inConfig(paths.config) }] } },
        { secret: { name: names.token, items: [{ key: tokenKey, path: inConfig(paths.internalToken) }] } },
        ...[...sourceSecrets(server), ...accessSecrets(server, inConfig)].map((secret) => ({ secret })),
      ],
    },
  };
}

/** Name of the volume of a source; a source's name can be as long as a volume's. */
function sourceVolumeName(source: string): string {
  const name = `source-${source}`;
  if (name.length <= 63) return name;
  return `${name.slice(0, 50)}-${createHash('sha256').update(source).digest('hex').slice(0, 12)}`;
}

function mountedSources({ server, presentClaims }: DesiredInput) {
  return server.spec.sources.flatMap(({ name, volume }) =>
    volume !== undefined && presentClaims.has(volume.claimName) ? [{ name, volume }] : [],
  );
}

/** Name of the volume of the embedding model; that of a source begins with `source-`. */
const modelVolumeName = 'model';

function mountedModel({ server, presentClaims }: DesiredInput) {
  const { modelVolume } = server.spec.embedding;
  return modelVolume !== undefined && presentClaims.has(modelVolume.claimName) ? [modelVolume] : [];
}

function subPathOf({ subPath }: { subPath?: string | undefined }): { subPath?: string } {
  return subPath === undefined || subPath === '' ? {} : { subPath };
}

export function buildVolumes(input: DesiredInput): Volume[] {
  const { server } = input;
  return [
    { name: 'data', persistentVolumeClaim: { claimName: claimNameOf(server) } },
    configVolume(server),
    { name: 'logs', emptyDir: {} },
    { name: 'tmp', emptyDir: {} },
    ...tokenVolumes(server),
    ...mountedSources(input).map(({ name, volume }) => ({
      name: sourceVolumeName(name),
      persistentVolumeClaim: { claimName: volume.claimName, readOnly: true },
    })),
    ...mountedModel(input).map(({ claimName }) => ({
      name: modelVolumeName,
      persistentVolumeClaim: { claimName, readOnly: true },
    })),
    ...((server.spec.podTemplate?.extraVolumes ?? []) as Volume[]),
  ];
}

export function buildVolumeMounts(input: DesiredInput): Mount[] {
  return [
    { name: 'data', mountPath: paths.data },
    { name: 'config', mountPath: configDirectory, readOnly: true },
    { name: 'logs', mountPath: paths.logs },
    { name: 'tmp', mountPath: paths.tmp },
    ...tokenMounts(input.server),
    ...mountedSources(input).map(({ name, volume }) => ({
      name: sourceVolumeName(name),
      mountPath: `${paths.volumes}/${name}`,
      readOnly: true,
      ...subPathOf(volume),
    })),
    ...mountedModel(input).map((volume) => ({
      name: modelVolumeName,
      mountPath: paths.model,
      readOnly: true,
      ...subPathOf(volume),
    })),
    ...(input.server.spec.podTemplate?.extraVolumeMounts ?? []),
  ];
}
