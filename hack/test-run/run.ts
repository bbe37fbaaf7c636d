/** Decides how a stage is run: as a child process whose output is shown, bounded in time, and counted from its report. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { x } from 'tinyexec';
import { countLayer } from './count.ts';
import type { Check, Layer, StageResult } from './stages.ts';

const root = path.resolve(import.meta.dirname, '../..');
const minutes = (count: number) => count * 60_000;
/** Longest time a layer may take before the run gives it up; CI ends the whole run at 90 minutes. */
const layerLimit: Record<Layer, number> = {
  unit: minutes(5),
  integration: minutes(20),
  faults: minutes(60),
  fuzz: minutes(180),
  e2e: minutes(35),
};

function announce(text: string): void {
  process.stdout.write(`\n── ${text}\n`);
}

/** Runs a command with its output shown; resolves to its exit code and wall time in seconds. */
async function run(
  command: readonly [string, ...string[]],
  timeout: number,
): Promise<{ exitCode: number; seconds: number }> {
  const started = performance.now();
  const [name, ...args] = command;
  const child = x(name === 'node' ? process.execPath : name, args, {
    timeout,
    nodeOptions: { cwd: root, stdio: 'inherit' },
  });
  const exitCode = await child.then(
    (output) => output.exitCode ?? 1,
    () => 1,
  );
  return { exitCode, seconds: (performance.now() - started) / 1000 };
}

/** Runs one check of the sources. */
export async function runCheck(check: Check): Promise<StageResult> {
  announce(check.name);
  const { exitCode, seconds } = await run(check.command, minutes(5));
  return {
    name: check.name,
    seconds,
    passed: exitCode === 0 ? 1 : 0,
    failed: exitCode === 0 ? 0 : 1,
    remedy: check.remedy,
  };
}

/** Runs one layer's tests and counts them. */
export async function runLayer(layer: Layer, testNamePattern: string | undefined): Promise<StageResult> {
  announce(`${layer} tests`);
  const directory = await mkdtemp(path.join(tmpdir(), 'codesage-test-'));
  try {
    const report = path.join(directory, 'report.json');
    const filter = testNamePattern === undefined ? [] : ['-t', testNamePattern];
    const { exitCode, seconds } = await run(
      [
        'node',
        'node_modules/vitest/vitest.mjs',
        'run',
        '--project',
        layer,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...filter,
      ],
      layerLimit[layer],
    );
    const written: unknown = await readFile(report, 'utf8').then(JSON.parse, () => undefined);
    return { name: layer, seconds, ...countLayer(written, exitCode, testNamePattern !== undefined) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What the layers need besides the sources, made ready in the background while checks and unit tests run. */
export type Preparation = { finished(layer: Layer): Promise<StageResult[]> };

/** Starts building what `chosen` needs: the API server's binaries for integration, the node's images too for e2e. */
export function startPreparation(chosen: readonly Layer[]): Preparation {
  const what = chosen.includes('e2e') ? 'node' : 'api';
  const result = run(['node', 'hack/cluster/prepare.ts', what], minutes(50));
  let told = false;
  return {
    async finished() {
      if (told) return [];
      told = true;
      announce('cluster binaries and base images (built once, then cached)');
      const { exitCode, seconds } = await result;
      const ok = exitCode === 0;
      return [
        {
          name: 'cluster parts',
          seconds,
          passed: ok ? 1 : 0,
          failed: ok ? 0 : 1,
          remedy: 'read the output of hack/cluster/prepare.ts above',
        },
      ];
    },
  };
}
