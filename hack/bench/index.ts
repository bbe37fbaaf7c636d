/** Decides how fast and with how much memory a large tree is indexed. Usage: node hack/bench/index.ts [DIRECTORY]. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment, openEngine, peakRssMb, watchLoop } from './engine-run.ts';
import { type Figures, largeTree, printReport } from './report.ts';

const self = fileURLToPath(import.meta.url);

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
  const looked = (codebase?.files ?? 0) + Object.values(codebase?.skipped ?? {}).reduce((sum, n) => sum + n, 0);
  return {
    'index.files': codebase?.files ?? 0,
    'index.chunks': codebase?.chunks ?? 0,
    'index.seconds': seconds,
    'index.files_per_second': looked / seconds,
    'index.peak_rss_mb': indexing.peak,
    'index.loop_delay_p99_ms': indexing.p99,
    'index.loop_delay_max_ms': indexing.max,
    'index.noop_seconds': noop.seconds,
    'index.disk_mb': status.index.sizeBytes / 1e6,
  };
}

const [mode, first, second] = process.argv.slice(2);
if (mode === '--measure' && first !== undefined && second !== undefined) {
  process.stdout.write(JSON.stringify(await measure(first, second)));
} else {
  const root = largeTree(mode);
  const dataDir = mkdtempSync(join(tmpdir(), 'codesage-bench-'));
  try {
    process.stdout.write(`Indexing ${root} …\n`);
    const output = execFileSync(process.execPath, [self, '--measure', root, dataDir], {
      env: childEnvironment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    printReport('index', JSON.parse(output) as Figures);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
