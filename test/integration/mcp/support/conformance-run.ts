/** Decides how the protocol's conformance suite is run against an address, and what each of its scenarios found. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parse } from 'yaml';
import { z } from 'zod';

const packageRoot = path.resolve(import.meta.dirname, '../../../../node_modules/@modelcontextprotocol/conformance');

const checksSchema = z.array(
  z.object({
    id: z.string(),
    status: z.enum(['SUCCESS', 'FAILURE', 'WARNING', 'SKIPPED', 'INFO']),
    errorMessage: z.string().optional(),
  }),
);
export type Check = z.infer<typeof checksSchema>[number];

/** What ran: the checks of each scenario by its name. */
export type Findings = ReadonlyMap<string, readonly Check[]>;

/** Runs the suite's command line and gives its output. It ends with 1 where a scenario failed, which is for the caller to judge. */
function conformance(args: string[], cwd: string): Promise<string> {
  const command = path.join(packageRoot, 'dist/index.js');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [command, ...args], { cwd, timeout: 240_000 }, (error, out, err) => {
      if (error === null || error.code === 1) resolve(out);
      else reject(new Error(`the suite ended with ${error.code ?? error.signal}:\n${out}${err}`));
    });
  });
}

/**
 * Names of all server scenarios that the suite has for a revision: those whose brackets name it, and those that the revision
 * runs without scoring them.
 */
export async function scenariosOf(revision: string): Promise<string[]> {
  const listed = await conformance(['list', '--server'], packageRoot);
  const tagged = [...listed.matchAll(/^ {2}- (\S+) \[(.*)\]$/gm)].filter(([, , tags = '']) =>
    tags.split(',').includes(revision),
  );
  const { required, beside } = await frozenScenarios(revision);
  return [...new Set([...tagged.map(([, name = '']) => name), ...required, ...beside])].toSorted();
}

const requirementsSchema = z.object({
  server: z.array(z.string()),
  not_scored: z.array(z.object({ scenario: z.string(), leg: z.string() })),
});

/** What a revision required when it was published, and what runs beside without being scored. Older ones have no such list. */
export async function frozenScenarios(revision: string): Promise<{ required: string[]; beside: string[] }> {
  if (!frozenRevisions.has(revision)) return { required: [], beside: [] };
  const text = await readFile(path.join(packageRoot, 'requirements', `${revision}.yaml`), 'utf8');
  const { server, not_scored } = requirementsSchema.parse(parse(text));
  const beside = not_scored.filter(({ leg }) => leg === 'server').map(({ scenario }) => scenario);
  return { required: server, beside };
}

/** Revisions that the package has a list of requirements for. */
const frozenRevisions: ReadonlySet<string> = new Set(['2025-11-25', '2026-07-28']);

/** Runs what a revision requires, or chosen scenarios of it, against the address of an MCP endpoint. */
export async function runConformance(url: string, revision: string, scenarios?: readonly string[]): Promise<Findings> {
  const directory = await mkdtemp(path.join(tmpdir(), 'codesage-conformance-'));
  try {
    const run = (args: string[]) => conformance(['server', '--url', url, '-o', directory, ...args], directory);
    const version = ['--spec-version', revision];
    if (scenarios !== undefined) for (const scenario of scenarios) await run([...version, '--scenario', scenario]);
    else if (frozenRevisions.has(revision)) await run(['--requirements', revision]);
    else await run([...version, '--suite', 'all']);
    return await readFindings(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Each scenario leaves a directory with its name, the moment, and the checks in it. */
async function readFindings(directory: string): Promise<Findings> {
  const findings = new Map<string, Check[]>();
  for (const entry of await readdir(directory)) {
    const scenario = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(entry)?.[1];
    if (scenario === undefined) continue;
    const text = await readFile(path.join(directory, entry, 'checks.json'), 'utf8');
    findings.set(scenario, checksSchema.parse(JSON.parse(text)));
  }
  return findings;
}

/** A scenario passes if no check failed and at least one succeeded: one that checked nothing proves nothing. */
export function hasPassed(checks: readonly Check[]): boolean {
  return checks.every(({ status }) => status !== 'FAILURE') && checks.some(({ status }) => status === 'SUCCESS');
}

/** Why a scenario did not pass, for whoever reads the failed test. */
export function faultsOf(checks: readonly Check[]): string[] {
  return checks
    .filter(({ status }) => status !== 'SUCCESS')
    .map(({ id, status, errorMessage = '' }) => `${id}: ${status} ${errorMessage}`);
}
