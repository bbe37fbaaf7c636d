/**
 * Decides how the latency benchmark runs a server: the real one, in a process of its own that also tells how late its
 * event loop was. Usage (forked): latency-server.ts TREE DATA. Messages: "watch" starts the watch anew, "read" answers.
 */

import { settingsFor } from '../../server/src/cli/deps.ts';
import { startHttpServer } from '../../server/src/cli/serve.ts';
import { createEngine } from '../../server/src/index/engine.ts';
import { codebase, peakRssMb, watchLoop } from './engine-run.ts';

/** What the server's process tells. */
export type ServerFacts = { port?: number; p99Ms?: number; maxMs?: number; peakRssMb?: number; rssMb?: number };

const [tree = '', dataDir = ''] = process.argv.slice(2);
const discard = { write: () => true };
const errors = { write: (text: string) => process.stderr.write(text) };
const deps = {
  createEngine,
  env: { ...process.env, LOG_LEVEL: 'error' },
  cwd: process.cwd(),
  stdout: process.env.LATENCY_LOG === undefined ? discard : errors,
  stderr: errors,
  version: 'bench',
};
const flags = { source: [`${codebase}=${tree}`], data: dataDir, port: '0', internalPort: '0', host: '127.0.0.1' };
const server = await startHttpServer({ settings: settingsFor(deps, flags), deps });

const tell = (facts: ServerFacts) => process.send?.(facts);
let loop = watchLoop();
process.on('message', (message) => {
  if (message === 'watch') loop = watchLoop();
  const rssMb = process.memoryUsage.rss() / 2 ** 20;
  if (message === 'read') tell({ p99Ms: loop.p99(), maxMs: loop.max(), peakRssMb: peakRssMb(), rssMb });
  if (message === 'stop') void server.stop().then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
tell({ port: server.httpPort });
