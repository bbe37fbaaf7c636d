/** Proves that every sample is accepted as it stands. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import {
  findResourceType,
  type KubernetesObject,
  type Manifest,
  type ResourceType,
} from '../../../operator/src/runtime/resource.ts';
import { secrets } from '../../../operator/src/runtime/resources.ts';
import { codeSageServers } from '../../../operator/src/server/caches.ts';
import { clientFor, installCrds } from '../server/harness.ts';

const folder = join(import.meta.dirname, '../../../config/samples');
const types = [codeSageServers, secrets] as unknown as ResourceType[];
const samples = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
let api: ApiServer;
let client: Client;

beforeAll(async () => {
  api = await startApiServer({ name: 'samples' });
  client = clientFor(api, 'test');
  await installCrds(client);
});

afterAll(async () => {
  await client?.close();
  await api?.stop();
});

test.each(samples)('[api.structural] config/samples/%s is accepted', async (name) => {
  const text = await readFile(join(folder, name), 'utf8');
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest<KubernetesObject>);
  expect(objects.some(({ kind }) => kind === 'CodeSageServer')).toBe(true);
  for (const object of objects) {
    const type = findResourceType(types, object);
    expect(type, object.kind).toBeDefined();
    if (type === undefined) continue;
    await client.apply(type, { ...object, metadata: { ...object.metadata, namespace: 'default' } });
  }
});
