/** Decides which tests belong to which layer, and what each layer may cost. */
import { defineConfig } from 'vitest/config';

const minutes = (count: number) => count * 60_000;
/** A layer of their own among the integration tests: they want to be made many. */
const fuzzTests = 'test/integration/robust/fuzz.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['operator/src/**/*.test.ts', 'server/src/**/*.test.ts', 'hack/**/*.test.ts'],
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: [fuzzTests],
          pool: 'forks',
          // Each file may start an API server of its own, so two at a time is what two cores bear.
          maxWorkers: 2,
          testTimeout: minutes(1),
          hookTimeout: minutes(2),
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          pool: 'forks',
          // What is killed at random moments must not wait for others' work.
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: minutes(40),
        },
      },
      {
        test: {
          name: 'fuzz',
          include: [fuzzTests],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: minutes(20),
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          pool: 'forks',
          // One node serves all files; they use namespaces of their own, one after the other, so that figures mean something.
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: minutes(5),
          hookTimeout: minutes(5),
        },
      },
    ],
  },
});
