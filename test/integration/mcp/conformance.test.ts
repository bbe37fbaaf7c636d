/** Decides whether our protocol code does what the protocol's own suite asks of servers, in all three revisions that it serves. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedFailures, type Revision } from './conformance/expected-failures.ts';
import {
  type Findings,
  faultsOf,
  frozenScenarios,
  hasPassed,
  runConformance,
  scenariosOf,
} from './support/conformance-run.ts';
import { createWorkspace, type ServerProcess, startServer, type Workspace } from './support/server-process.ts';

const revisions: readonly Revision[] = ['2025-06-18', '2025-11-25', '2026-07-28'];

/** Starts our endpoint with the suite's own tools; the first line it writes is its address. */
function startFixture(): Promise<{ child: ChildProcess; url: string }> {
  const script = path.join(import.meta.dirname, 'conformance/server.ts');
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server of the suite ended with ${code}`)));
    child.stdout.once('data', (line: Buffer) => resolve({ child, url: line.toString().trim() }));
  });
}

/** Tells how many scenarios and checks passed, those that the revision requires apart from those that it only runs. */
function report(what: string, findings: Findings, required: readonly string[] = []): void {
  const names = [...findings.keys()];
  const passed = (of: readonly string[]) => of.filter((name) => hasPassed(findings.get(name) ?? [])).length;
  const beside = names.filter((name) => !required.includes(name));
  const parts = [
    ...(required.length > 0 ? [`${passed(required)} of ${required.length} required scenarios pass`] : []),
    ...(beside.length > 0
      ? [`${passed(beside)} of ${beside.length} ${required.length > 0 ? 'others' : 'scenarios'} pass`]
      : []),
  ];
  const checks = [...findings.values()].flat().filter(({ status }) => status === 'SUCCESS').length;
  process.stdout.write(`conformance, ${what}: ${parts.join(', ')} (${checks} checks succeeded)\n`);
}

describe('our endpoint with the tools that the suite asks for', () => {
  let fixture: Awaited<ReturnType<typeof startFixture>>;

  beforeAll(async () => {
    fixture = await startFixture();
  });
  afterAll(() => {
    fixture?.child.kill();
  });

  test.each(revisions)(
    '[mcp.conformance] every server scenario of %s runs, and passes unless it is listed with a reason; none is listed that passes',
    { timeout: 240_000 },
    async (revision) => {
      const findings = await runConformance(fixture.url, revision);
      const { required } = await frozenScenarios(revision);
      report(revision, findings, required);
      expect([...findings.keys()].toSorted()).toEqual(await scenariosOf(revision));
      const isShort = (name: string) => !hasPassed(findings.get(name) ?? []);
      expect(required.filter(isShort)).toEqual([]);
      const listed = expectedFailures.filter((one) => one.revisions.includes(revision)).map(({ scenario }) => scenario);
      const failed = [...findings].filter(([, checks]) => !hasPassed(checks));
      const unexpected = failed.filter(([scenario]) => !listed.includes(scenario));
      expect(unexpected.map(([scenario, checks]) => [scenario, ...faultsOf(checks)])).toEqual([]);
      expect(failed.map(([scenario]) => scenario).toSorted()).toEqual(listed.toSorted());
    },
  );
});

/** Scenarios that ask for no tools, prompts or resources of the suite's own. */
const general: Readonly<Record<Revision, readonly string[]>> = {
  '2025-06-18': ['server-initialize', 'ping', 'completion-complete', 'tools-list', 'prompts-list', 'resources-list'],
  '2025-11-25': [
    'server-initialize',
    'server-session-lifecycle',
    'server-sse-multiple-streams',
    'ping',
    'completion-complete',
    'tools-list',
    'prompts-list',
    'resources-list',
    'dns-rebinding-protection',
  ],
  '2026-07-28': [
    'completion-complete',
    'server-sse-multiple-streams',
    'tools-list',
    'prompts-list',
    'resources-list',
    'sep-2164-resource-not-found',
    'dns-rebinding-protection',
    'caching',
    'http-header-validation',
  ],
};

describe('the product', () => {
  let workspace: Workspace;
  let server: ServerProcess;

  beforeAll(async () => {
    workspace = await createWorkspace();
    server = await startServer(workspace);
  });
  afterAll(async () => {
    await server?.stop();
    await workspace?.remove();
  });

  test.each(revisions)(
    '[mcp.conformance] the scenarios of %s that need nothing of the suite’s own pass on a real server',
    { timeout: 240_000 },
    async (revision) => {
      const findings = await runConformance(server.url.href, revision, general[revision]);
      report(`${revision}, the product`, findings);
      expect([...findings.keys()].toSorted()).toEqual(general[revision].toSorted());
      expect(
        [...findings].filter(([, checks]) => !hasPassed(checks)).map(([name, checks]) => [name, ...faultsOf(checks)]),
      ).toEqual([]);
    },
  );
});
