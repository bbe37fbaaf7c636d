/** Decides what can be built before any test runs: `api` for the API-only mode, `node` for the node and its base image as well. */
import { ensureBaseImage } from './base-image.ts';
import { ensureBinaries } from './binaries.ts';
import { ensurePackages } from './packages.ts';
import { consoleProgress } from './progress.ts';

const what = process.argv[2] ?? 'node';
if (what !== 'api' && what !== 'node') throw new Error(`prepare.ts builds api or node, not ${what}`);
await Promise.all([
  ensureBinaries(consoleProgress),
  ...(what === 'node' ? [ensurePackages(consoleProgress).then(() => ensureBaseImage(consoleProgress))] : []),
]);
