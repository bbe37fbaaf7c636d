/** Decides `codesage index`: brings the index of every source up to date and says what changed. */
import type { SettingFlags } from '../config.ts';
import type { IndexOutcome, IndexProgress } from '../engine.ts';
import type { CliDeps } from './deps.ts';
import { exitCodes } from './exit-codes.ts';
import { withLocalEngine } from './local-engine.ts';

export type IndexFlags = SettingFlags & { full?: boolean; json?: boolean };

/** Indexes all sources, one after another. */
export async function indexCommand(flags: IndexFlags, deps: CliDeps): Promise<number> {
  const outcomes = await withLocalEngine(flags, deps, async (engine, { config }) => {
    const done: IndexOutcome[] = [];
    for (const { name } of config.sources) {
      const outcome = await engine.indexCodebase(name, {
        full: flags.full ?? false,
        onProgress: progressPrinter(deps),
      });
      if (flags.json !== true) deps.stdout.write(`${describe(outcome)}\n`);
      done.push(outcome);
    }
    return done;
  });
  if (flags.json === true) deps.stdout.write(`${JSON.stringify(outcomes)}\n`);
  return exitCodes.ok;
}

function describe({
  codebase,
  files,
  seconds,
  filesAdded,
  filesChanged,
  filesRemoved,
  chunks,
  chunksEmbedded,
}: IndexOutcome): string {
  const changes = `${filesAdded} added, ${filesChanged} changed, ${filesRemoved} removed`;
  return `${codebase}: Indexed ${files} files in ${seconds.toFixed(1)} seconds (${changes}; ${chunksEmbedded} of ${chunks} chunks embedded)`;
}

/** One line a second at most, so that a log of it stays readable. */
function progressPrinter(deps: CliDeps): (progress: IndexProgress) => void {
  let last = 0;
  return ({ codebase, phase, filesDone, filesTotal, etaSeconds }) => {
    const now = Date.now();
    if (now - last < 1000 || filesTotal === 0 || phase === 'done') return;
    last = now;
    const eta = etaSeconds === undefined ? '' : `, about ${Math.ceil(etaSeconds)} s left`;
    deps.stderr.write(`${codebase}: ${phase}, ${filesDone} of ${filesTotal} files${eta}\n`);
  };
}
