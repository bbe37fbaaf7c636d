import { describe, expect, test } from 'vitest';
import type { Live } from '../runtime/resource.ts';
import type { Ingress } from '../runtime/resources.ts';
import { deeds, transitions } from './happenings.ts';
import { findConflict } from './ingress-conflict.ts';
import { createInterview } from './interview.ts';
import { createMemories } from './memory.ts';
import type { AdminAnswer, ChildOutcome, Verification } from './observed.ts';
import { ownershipOf } from './ownership.ts';
import { nextLook, standardPace } from './pace.ts';
import { pausedStatus } from './plain-status.ts';
import { createRefusalMemory } from './refusals.ts';
import { hasClashingPorts } from './service-repair.ts';
import { buildStatus } from './status.ts';
import { adminOf, codebase, deploymentOf, observedOf, podOf, serverOf } from './testing/observed.ts';
import { isForUs } from './watches.ts';

const now = new Date('2026-02-01T00:00:00Z');

describe('[operator.foreign-owner] whose an object is', () => {
  const server = serverOf();
  const owner = (uid: string, name = 'demo', kind = 'CodeSageServer') => [
    { apiVersion: 'codesage.dev/v1alpha1', kind, name, uid, controller: true },
  ];
  const labels = { 'app.kubernetes.io/managed-by': 'codesage-operator', 'codesage.dev/server': 'demo' };
  const object = (metadata: object) =>
    ({ metadata: { name: 'demo', uid: 'u', resourceVersion: '1', ...metadata } }) as Live;
  const cases: [string, object, string][] = [
    ['controlled by this resource', { ownerReferences: owner('uid-demo') }, 'ours'],
    ['labelled and controlled by nobody', { labels }, 'ours'],
    ['controlled by a deleted namesake', { ownerReferences: owner('uid-old'), labels }, 'predecessor'],
    ['controlled by another kind', { ownerReferences: owner('u', 'web', 'Deployment'), labels }, 'foreign'],
    ['of another server', { labels: { ...labels, 'codesage.dev/server': 'other' } }, 'foreign'],
    ['of nobody', {}, 'foreign'],
    [
      'owned, but not controlled, by this resource',
      { ownerReferences: owner('uid-demo').map((o) => ({ ...o, controller: false })) },
      'foreign',
    ],
  ];
  test.each(cases)('%s', (_what, metadata, expected) => expect(ownershipOf(object(metadata), server)).toBe(expected));
});

describe('an Ingress that competes', () => {
  const ingress = (name: string, created: string, host: string | undefined, path: string, className?: string) =>
    ({
      metadata: { name, namespace: 'n', uid: name, resourceVersion: '1', creationTimestamp: created },
      spec: {
        ingressClassName: className,
        rules: [{ host, http: { paths: [{ path, pathType: 'Prefix', backend: {} }] } }],
      },
    }) as unknown as Live<Ingress>;
  const wanted = { host: 'a.b', path: '/x' };
  const own = ingress('own', '2026-01-02T00:00:00Z', 'a.b', '/x');
  const cases: [string, Live<Ingress> | undefined, Live<Ingress>, boolean][] = [
    ['same host and path, before ours is made', undefined, ingress('o', '2026-01-09T00:00:00Z', 'a.b', '/x'), true],
    ['same host and path, older than ours', own, ingress('o', '2026-01-01T00:00:00Z', 'a.b', '/x/'), true],
    ['same host and path, younger than ours', own, ingress('o', '2026-01-03T00:00:00Z', 'a.b', '/x'), false],
    ['another path', undefined, ingress('o', '2026-01-01T00:00:00Z', 'a.b', '/y'), false],
    ['another host', undefined, ingress('o', '2026-01-01T00:00:00Z', 'c.d', '/x'), false],
    ['every host', undefined, ingress('o', '2026-01-01T00:00:00Z', undefined, '/x'), false],
    ['our own', own, own, false],
  ];
  test.each(cases)('%s', (_what, mine, other, conflicts) =>
    expect(findConflict(wanted, mine, [other]) !== undefined).toBe(conflicts),
  );
  test('for another controller is none', () => {
    const other = ingress('o', '2026-01-01T00:00:00Z', 'a.b', '/x', 'nginx');
    expect(findConflict({ ...wanted, className: 'traefik' }, undefined, [other])).toBeUndefined();
    expect(findConflict(wanted, undefined, [other])).toBe(other);
  });
});

describe('[operator.verified] when a server is asked and verified', () => {
  const answered: Verification = { state: 'answered', server: 'CodeSage 1' };
  const unreachable: Verification = { state: 'failed', reason: 'Unreachable', message: 'x' };
  function setup(asks: AdminAnswer[], probes: Verification[]) {
    let asked = 0;
    let probed = 0;
    const next = <T>(list: T[], index: number) => list[Math.min(index, list.length - 1)] as T;
    const interview = createInterview(
      async () => next(asks, asked++),
      async () => next(probes, probed++),
    );
    const memory = createMemories().of('uid', 'key');
    const subject = {
      server: serverOf(),
      token: 't',
      deployment: deploymentOf(),
      pods: [podOf()],
      memory,
      signal: new AbortController().signal,
    };
    return {
      look: (nowMs: number, change: object = {}) => interview({ ...subject, nowMs, ...change }),
      counts: () => ({ asked, probed }),
    };
  }

  test('a verified server is probed again after five minutes, or with a new pod', async () => {
    const { look, counts } = setup([adminOf()], [answered]);
    for (const at of [0, 1_000, 299_000]) expect((await look(at)).verification).toEqual(answered);
    expect(counts()).toEqual({ asked: 3, probed: 1 });
    await look(300_001);
    expect(counts().probed).toBe(2);
    await look(301_000, { pods: [podOf({ ready: true, started: true, restartCount: 1, state: { running: {} } })] });
    expect(counts().probed).toBe(3);
  });

  test('a failure counts when it came three times', async () => {
    const { look } = setup([adminOf()], [unreachable]);
    expect((await look(0)).verification.state).toBe('not-tried');
    expect((await look(1)).verification.state).toBe('not-tried');
    expect((await look(2)).verification).toEqual(unreachable);
  });

  test('a verified server stays verified over two failures', async () => {
    const { look } = setup([adminOf()], [answered, unreachable, unreachable, answered]);
    for (const at of [0, 300_001, 300_002, 300_003]) expect((await look(at)).verification).toEqual(answered);
  });

  test('a silence of some seconds is bridged, a longer one is told', async () => {
    const silent: AdminAnswer = { state: 'failed', message: 'x' };
    const { look } = setup([adminOf(), silent], [answered]);
    await look(0);
    expect((await look(19_000)).admin.state).toBe('answered');
    expect((await look(21_000)).admin).toEqual(silent);
  });

  test('no pod is not asked, and no index is not verified', async () => {
    const { look, counts } = setup([adminOf({ codebases: [{ ...codebase, indexedAt: undefined }] })], [answered]);
    expect(await look(0, { pods: [] })).toEqual({
      admin: { state: 'not-asked' },
      verification: { state: 'not-tried' },
    });
    expect((await look(0)).verification.state).toBe('not-tried');
    expect(counts()).toEqual({ asked: 1, probed: 0 });
  });
});

describe('[operator.events] events', () => {
  const healthy = buildStatus(observedOf(), undefined, now);
  const failing = buildStatus(
    observedOf({
      admin: adminOf({
        codebases: [
          { ...codebase, problem: { code: 'GitUnreachable', message: 'Check it.', since: now.toISOString() } },
        ],
      }),
    }),
    healthy,
    now,
  );
  test('are told of a change for the worse', () => {
    expect(transitions(healthy, failing).map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Warning GitUnreachable',
      'Warning Degraded',
    ]);
  });
  test('are told of a server that is Ready', () =>
    expect(transitions(failing, healthy).map(({ type, reason }) => `${type} ${reason}`)).toEqual(['Normal Ready']));
  test('are not told of a state that lasts', () => expect(transitions(failing, failing)).toEqual([]));
  test('are told of what was made and removed', () => {
    expect(
      deeds([{ kind: 'Service', name: 'demo', outcome: 'created' }], [{ kind: 'Ingress', name: 'demo' }]).map(
        ({ note }) => note,
      ),
    ).toEqual(['Created Service demo', 'Removed Ingress demo']);
  });
});

describe('the next look', () => {
  const look = (change: Parameters<typeof observedOf>[0]) =>
    nextLook(buildStatus(observedOf(change), undefined, now), standardPace, () => 0.5);
  const cases: [string, Parameters<typeof observedOf>[0], number | undefined][] = [
    ['a settled server', {}, 30_000],
    ['one that indexes a change', { admin: adminOf({ codebases: [{ ...codebase, state: 'Indexing' }] }) }, 5_000],
    ['one that starts', { admin: { state: 'not-asked' }, verification: { state: 'not-tried' } }, 2_000],
    ['one that fails', { missingClaims: ['x'] }, 10_000],
    ['a suspended one', { server: serverOf({ suspend: true }), admin: { state: 'not-asked' } }, undefined],
  ];
  test.each(cases)('at %s', (_what, change, expected) => expect(look(change)).toBe(expected));
});

test('[operator.paused] pausing again changes nothing, and the rest of the status stays', () => {
  const server = { ...serverOf({ paused: true }), status: buildStatus(observedOf(), undefined, now) };
  const paused = pausedStatus(server, now);
  expect(paused).toMatchObject({ phase: 'Paused', index: { files: 120 } });
  const changed = { ...server, status: paused, metadata: { ...server.metadata, generation: 9 } };
  expect(pausedStatus(changed, new Date('2027-01-01'))).toEqual(paused);
});

test('[operator.no-hot-loop] a refusal is believed for a minute, or until the write would be another', () => {
  const memory = createRefusalMemory();
  const outcome: ChildOutcome = { state: 'refused', kind: 'Service', name: 'demo', code: 'Invalid', message: 'x' };
  memory.remember('service', 'k1', outcome, 0);
  expect(memory.recall('service', 'k1', 59_999)).toBe(outcome);
  expect(memory.recall('service', 'k1', 60_000)).toBeUndefined();
  expect(memory.recall('service', 'k2', 1)).toBeUndefined();
  expect(memory.recall('deployment', 'k1', 1)).toBeUndefined();
});

test('[operator.no-hot-loop] our own status writes do not bring us back, changes by people do', () => {
  const object = (change: object) =>
    ({ metadata: { name: 'a', uid: 'u', resourceVersion: '1', generation: 1, ...change } }) as Live;
  const changed = (change: object) =>
    isForUs({ type: 'changed', previous: object({}), object: object({ resourceVersion: '2', ...change }) });
  expect(changed({})).toBe(false);
  expect(changed({ generation: 2 })).toBe(true);
  expect(changed({ annotations: { 'codesage.dev/reindex': '1' } })).toBe(true);
  expect(changed({ uid: 'v' })).toBe(true);
  expect(isForUs({ type: 'added', object: object({}) })).toBe(true);
});

test('[operator.new-uid] a resource of the same name knows nothing of the old one', () => {
  const memories = createMemories();
  memories.of('old', 'n/a').admin = {
    status: (adminOf() as Extract<AdminAnswer, { state: 'answered' }>).status,
    atMs: 0,
    key: 'k',
  };
  expect(memories.of('old', 'n/a').admin).toBeDefined();
  expect(memories.of('new', 'n/a').admin).toBeUndefined();
});

test('ports that clash are those of one name with two numbers', () => {
  const service = (port: number, name = 'http') => ({ spec: { ports: [{ name, port }] } });
  expect(hasClashingPorts(service(9999), service(8000))).toBe(true);
  expect(hasClashingPorts(service(8000), service(8000))).toBe(false);
  expect(hasClashingPorts(service(9999, 'debug'), service(8000))).toBe(false);
});
