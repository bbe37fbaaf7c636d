/** Decides how fast and with how much memory a large tree is indexed. Usage: node hack/bench/index.ts [DIRECTORY]. */
import { fileURLToPath } from 'node:url';
import { openEngine, peakRssMb, runBenchmark, watchLoop } from './engine-run.ts';
import type { Figures } from './report.ts';

/** In a process of its own: the first run, a run without changes, and the disk it takes. */
async function measure(root: string, dataDir: string): Promise<Figures> {
  const loop = watchLoop();
  const engine = openEngine(root, dataDir);
  await engine.start();
  // The run that start began, or one right after it: either way all is indexed when it resolves.
  const startedAt = performance.now();
  await engine.indexCodebase('bench', { full: false });
  const seconds = (performance.now() - startedAt) / 1000;
  const indexing = { peak: peakRssMb(), p99: loop.p99(), max: loop.max() };
  const noop = await engine.indexCodebase('bench', { full: false });
  const status = await engine.status();
  await engine.stop();
  const [codebase] = status.codebases;
  const files = codebase?.files ?? 0;
  return {
    'index.files': files,
    'index.chunks': codebase?.chunks ?? 0,
    'index.seconds': seconds,
    // Files that were skipped are no work done.
    'index.files_per_second': files / seconds,
    'index.peak_rss_mb': indexing.peak,
    'index.loop_delay_p99_ms': indexing.p99,
    'index.loop_delay_max_ms': indexing.max,
    'index.noop_seconds': noop.seconds,
    'index.disk_mb': status.index.sizeBytes / 1e6,
  };
}

await runBenchmark('index', fileURLToPath(import.meta.url), measure);
