/** Decides what the command line is made of: the real engine, the real streams, the real environment. */
import { runCli } from './cli/program.ts';
import { serverVersion } from './version.ts';

/** Runs the command line of this process and sets its exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const exitCode = await runCli(args, {
    createEngine: async (options) => {
      // Loaded only by commands that need it: the index library is large.
      if (options.config.replication.role === 'Search') {
        const { createSearchEngine } = await import('./replicas/search-engine.ts');
        const { scratchDir, readInternalToken = () => undefined } = options;
        if (scratchDir === undefined) throw new Error('an engine that only searches needs a directory of its own');
        return createSearchEngine({ ...options, scratchDir, readInternalToken });
      }
      const { createEngine } = await import('./index/engine.ts');
      return createEngine(options);
    },
    env: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    version: serverVersion,
  });
  // Not process.exit at once: what was written to a pipe must still get out.
  process.exitCode = exitCode;
  setTimeout(() => process.exit(exitCode), 2000).unref();
}
