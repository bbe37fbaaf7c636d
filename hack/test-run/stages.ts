/** Decides which checks and test layers exist, and what the result of one is. */

/** Test layers in the order in which they run: cheapest first. */
export const layers = ['unit', 'integration', 'faults', 'fuzz', 'e2e'] as const;

export type Layer = (typeof layers)[number];

/** Layers that run on this machine alone, without cluster binaries. */
export const localLayers: ReadonlySet<Layer> = new Set(['unit', 'faults', 'fuzz']);

/** A check of the sources: a command that exits 0 when all is well, and what to do when it does not. */
export type Check = { name: string; command: readonly [string, ...string[]]; remedy: string };

export const checks: readonly Check[] = [
  {
    name: 'generated files',
    command: ['node', 'hack/generate.ts', '--check'],
    remedy: 'run hack/generate and commit what it writes',
  },
  { name: 'types', command: ['node_modules/.bin/tsc', '--noEmit'], remedy: 'mend the types' },
  {
    name: 'lint',
    command: ['node_modules/.bin/biome', 'ci', '--error-on-warnings', '.'],
    remedy: 'run npm run format, then mend what is left',
  },
  {
    name: 'requirements',
    command: ['node', 'hack/check-requirements.ts'],
    remedy: 'cite each built id of test/requirements.yaml in a test',
  },
];

/** Outcome of one stage. A check counts as one passed or failed; a layer counts its tests. */
export type StageResult = { name: string; seconds: number; passed: number; failed: number; remedy?: string };
