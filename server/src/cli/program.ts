/** Decides which commands and options `codesage` has. */
import { Command, CommanderError } from 'commander';
import { ports } from '../contract.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import { type BenchFlags, benchCommand } from './bench/bench-command.ts';
import {
  type CacheClearFlags,
  type CacheFlags,
  type CachePruneFlags,
  cacheClearCommand,
  cachePruneCommand,
  cacheStatsCommand,
} from './cache-command.ts';
import type { CliDeps } from './deps.ts';
import { exitCodeFor, exitCodes } from './exit-codes.ts';
import { type HealthFlags, healthCommand } from './health-command.ts';
import { type IndexFlags, indexCommand } from './index-command.ts';
import { type KeysVerifyFlags, keysVerifyCommand } from './keys-command.ts';
import { type SearchFlags, searchCommand } from './search-command.ts';
import { type ServeFlags, serveCommand } from './serve-command.ts';

/** Runs one command line (without node and script). Resolves with the exit code; faults are told on stderr. */
export async function runCli(args: readonly string[], deps: CliDeps): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = buildProgram(deps, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // commander has told its own faults already; help and version end this way too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof CodeSageError) {
      deps.stderr.write(`${`error (${error.code}): ${error.message} ${error.remedy}`.trim()}\n`);
      return exitCodeFor(error.code);
    }
    deps.stderr.write(`error: ${error instanceof Error ? error.stack : messageOf(error)}\n`);
    return exitCodes.failed;
  }
}

function buildProgram(deps: CliDeps, done: (exitCode: number) => void): Command {
  const program = new Command('codesage')
    .description('Serves code search to MCP clients.')
    .version(deps.version, '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => deps.stdout.write(text), writeErr: (text) => deps.stderr.write(text) });

  withSources(program.command('serve'))
    .description('Serve MCP over HTTP, or over stdin and stdout with --stdio.')
    .option('--stdio', 'serve one client over stdin and stdout; logs go to stderr')
    .option('--port <number>', `port for MCP clients (default ${ports.http})`)
    .option('--internal-port <number>', `port for health and metrics (default ${ports.internal})`)
    .option(
      '--host <address>',
      'address to listen on (default 127.0.0.1; every interface when a configuration file is used)',
    )
    .action(async (flags: ServeFlags) => done(await serveCommand(flags, deps)));

  withSources(program.command('index'))
    .description('Bring the index up to date once, and say what changed. Not beside a running server on the same data.')
    .option('--full', 'read and embed every file again')
    .option('--json', 'print the outcome as JSON')
    .action(async (flags: IndexFlags) => done(await indexCommand(flags, deps)));

  withSources(program.command('search'))
    .description('Search by meaning: in a running server (--url), or in the given sources.')
    .argument('<query>', 'what the code does, or a symbol')
    .option('--url <url>', 'MCP endpoint of a running server, for example http://localhost:8000/mcp')
    .option('--codebase <name>', 'search only this one')
    .option('--top <number>', 'passages wanted (default 5)')
    .option('--json', 'print the results as JSON')
    .action(async (query: string, flags: SearchFlags) => done(await searchCommand(query, flags, deps)));

  program
    .command('health')
    .description('Check a running server. Exit code 0: all checks passed; 1: not.')
    .option('--url <url>', `internal address of the server (default http://127.0.0.1:${ports.internal})`)
    .option('--http', 'only the HTTP endpoint')
    .option('--mcp', 'only the MCP endpoint')
    .option('--memory', 'only memory use')
    .option('--index', 'only the index')
    .option('--json', 'print the checks as JSON')
    .action(async (flags: HealthFlags) => done(await healthCommand(flags, deps)));

  program
    .command('bench')
    .description('Measure a running server against the performance targets. Exit code 0: none is missed; 1: one is.')
    .option('--url <url>', `its MCP endpoint (default http://127.0.0.1:${ports.http}/mcp)`)
    .option('--internal-url <url>', 'its internal address, for memory and indexing speed')
    .option('--token-file <file>', 'file with the internal token, for the memory that indexing took')
    .option('--codebase <name>', 'ask about this one only')
    .option('--requests <number>', 'calls of each tool in each of the two passes (default 20)')
    .option('--concurrency <number>', 'calls at a time (default 1)')
    .option('--duration <seconds>', 'longest time for all calls (default 60)')
    .option('--reindex', 'index everything again first; without it the server is only read from')
    .option('--json', 'print the results as JSON')
    .action(async (flags: BenchFlags) => done(await benchCommand(flags, deps)));

  addCacheCommands(program, deps, done);

  program
    .command('keys')
    .description('Look after the API keys of model providers.')
    .command('verify')
    .description(
      'Ask each provider whether it takes its key, which is not printed. Exit code 0: all are taken; 1: not.',
    )
    .option('--provider <name>', 'only this one: groq, openrouter, google, openai')
    .option('--json', 'print the answers as JSON')
    .action(async (flags: KeysVerifyFlags) => done(await keysVerifyCommand(flags, deps)));

  program
    .command('version')
    .description('Print the version.')
    .action(() => {
      deps.stdout.write(`${deps.version}\n`);
    });
  return program;
}

function addCacheCommands(program: Command, deps: CliDeps, done: (exitCode: number) => void): void {
  const cache = program.command('cache').description('See or empty the caches of a running server.');
  const withServer = (command: Command) =>
    command
      .option('--url <url>', `internal address of the server (default http://127.0.0.1:${ports.internal})`)
      .option('--token-file <file>', "file with the server's internal token")
      .option('--json', 'print the answer as JSON');
  withServer(cache.command('stats'))
    .description('Print hits, sizes and advice.')
    .action(async (flags: CacheFlags) => done(await cacheStatsCommand(flags, deps)));
  withServer(cache.command('clear'))
    .description('Drop all entries, saved ones too.')
    .option('--cache <name...>', 'only these: embedding, search, file')
    .action(async (flags: CacheClearFlags) => done(await cacheClearCommand(flags, deps)));
  withServer(cache.command('prune'))
    .description('Drop old entries, saved ones too.')
    .option('--older-than <age>', 'such as 12h or 7d (default: the age that the server is set to)')
    .action(async (flags: CachePruneFlags) => done(await cachePruneCommand(flags, deps)));
}

function withSources(command: Command): Command {
  return command
    .option(
      '--source <source>',
      'NAME=PATH, NAME=URL, or only a path or URL; may be repeated',
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option('--data <directory>', "where the index is kept (default: below the user's cache directory)");
}
