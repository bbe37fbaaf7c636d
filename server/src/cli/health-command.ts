/** Decides `codesage health`: one line a check, and an exit code that says whether all of them passed. */
import { z } from 'zod';
import { endpoints, environment, ports } from '../contract.ts';
import { messageOf } from '../errors.ts';
import type { CliDeps } from './deps.ts';
import { exitCodes } from './exit-codes.ts';

const componentNames = ['http', 'mcp', 'memory', 'index'] as const;
export type HealthFlags = { url?: string; json?: boolean } & Partial<Record<(typeof componentNames)[number], boolean>>;

const answerSchema = z.object({
  checks: z.array(z.object({ component: z.string(), status: z.string(), message: z.string() })),
});
type Check = z.infer<typeof answerSchema>['checks'][number];

/** Asks the internal port of a running server. */
export async function healthCommand(flags: HealthFlags, deps: CliDeps): Promise<number> {
  const base = flags.url ?? `http://127.0.0.1:${deps.env[environment.internalPort] ?? ports.internal}`;
  const wanted = componentNames.filter((name) => flags[name] === true);
  const checks = (await askServer(base)).filter(
    ({ component }) => wanted.length === 0 || component === 'server' || wanted.some((name) => name === component),
  );
  const healthy = checks.every(({ status }) => status !== 'failed');
  if (flags.json === true) deps.stdout.write(`${JSON.stringify({ status: healthy ? 'ok' : 'failed', checks })}\n`);
  else
    for (const { component, status, message } of checks)
      deps.stdout.write(`${status.toUpperCase().padEnd(8)}${component.padEnd(8)}${message}\n`);
  return healthy ? exitCodes.ok : exitCodes.failed;
}

async function askServer(base: string): Promise<Check[]> {
  try {
    const response = await fetch(new URL(endpoints.health, base), { signal: AbortSignal.timeout(5000) });
    return answerSchema.parse(await response.json()).checks;
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const message = `No server answers at ${base} (${messageOf(cause)}). Start one with codesage serve, or name it with --url.`;
    return [{ component: 'server', status: 'failed', message }];
  }
}
