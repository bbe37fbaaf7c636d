/** Decides how a test drives an engine in a process of its own, which it can kill: one JSON command a line in, events and answers out. */
import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import pino from 'pino';
import { serverConfigSchema } from '../../../server/src/contract.ts';
import { CodeSageError } from '../../../server/src/errors.ts';
import { createEngine } from '../../../server/src/index/engine.ts';

type Command =
  | { id: number; do: 'start' | 'status' | 'stop' }
  | { id: number; do: 'index'; codebase: string; full: boolean }
  | { id: number; do: 'search'; query: string }
  | { id: number; do: 'exec'; file: string; args: string[] };

const { config, dataDir } = JSON.parse(process.argv[2] ?? '') as { config: unknown; dataDir: string };
const say = (message: object) => void process.stdout.write(`${JSON.stringify(message)}\n`);
const log = pino({ base: undefined, messageKey: 'message' }, { write: (line) => say({ log: JSON.parse(line) }) });
const engine = createEngine({ config: serverConfigSchema.parse(config), dataDir, log, clock: Date.now });

async function run(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'start':
      return engine.start();
    case 'stop':
      return engine.stop();
    case 'status':
      return engine.status();
    case 'index':
      return engine.indexCodebase(command.codebase, {
        full: command.full,
        onProgress: (progress) => say({ progress }),
      });
    case 'search':
      return engine.semanticSearch({ query: command.query, codebases: [], topK: 10 });
    case 'exec':
      return execFileSync(command.file, command.args, { encoding: 'utf8' });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  run(command).then(
    (result) => say({ id: command.id, result: result ?? null }),
    (error: unknown) =>
      say({
        id: command.id,
        error: { code: error instanceof CodeSageError ? error.code : 'Unknown', message: String(error) },
      }),
  );
}
