/** Decides how a Service is mended that someone gave another port under our port's name: an apply can add ours and not remove theirs. */
import type { Client } from '../runtime/client.ts';
import type { Live, Manifest } from '../runtime/resource.ts';
import { type Service, services } from '../runtime/resources.ts';

/** True when the live Service has a port of a desired name with another number, so that an apply would give two of one name. */
export function hasClashingPorts(live: Service, desired: Service): boolean {
  const wanted = new Map((desired.spec?.ports ?? []).map(({ name, port }) => [name, port]));
  return (live.spec?.ports ?? []).some(({ name, port }) => wanted.has(name) && wanted.get(name) !== port);
}

/** Replaces the list of ports as a whole. @throws ApiError */
export async function replacePorts(
  client: Client,
  live: Live<Service>,
  desired: Manifest<Service>,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name, uid } = live.metadata;
  await client.mergePatch(
    services,
    { namespace, name },
    { metadata: { uid }, spec: { ports: desired.spec?.ports } },
    { signal },
  );
}
