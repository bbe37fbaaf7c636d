import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tool } from '../../../server/src/tools/define.ts';
import { registry } from '../../../server/src/tools/registry.ts';
import {
  type AttackedServer,
  type Era,
  type Holdings,
  type Json,
  llmConfig,
  startAttackedServer,
} from './support/attacked-server.ts';
import { createWorld, modelKeyCanary, type World } from './support/corpus.ts';
import { type BrokenRequest, brokenRequests, rawRequests } from './support/envelopes.ts';
import { type GarbageUpstream, startGarbageUpstream } from './support/garbage-upstream.ts';
import { inParallel } from './support/in-parallel.ts';
import { type FuzzInput, fuzzInputs } from './support/inputs.ts';
import { faultsOfAnswer, parse } from './support/oracle.ts';
import { sendRaw } from './support/raw-http.ts';
import { usualArguments } from './support/roles.ts';

/** `hack/test fuzz` asks for the long form; a whole test run takes the short one. */
const inputsPerTool = Number(process.env.CODESAGE_FUZZ_INPUTS ?? 120);
const seed = Number(process.env.CODESAGE_FUZZ_SEED ?? 5);
const warmUpInputs = Math.min(200, Math.ceil(inputsPerTool / 4));
const minutes = (count: number) => count * 60_000;
/** Longest for one tool: a tenth of a second an input, and a minute for whatever else this machine does. */
const limitMs = minutes(1) + inputsPerTool * 100;
/** So many calls at once as the narrowest lane and its queue take without turning any away. */
const atOnce = 4;
/** Longest that the server's event loop may stand still, where nobody else works on the machine. */
const mostLagSeconds = 1;
/** How many times longer all takes because others work, too. */
const crowding = () => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
/** What a heap may grow by in a whole run: compiled code, caches that fill up. */
const mostHeapGrowth = 24 * 1024 * 1024;

/** Far more than three small codebases need, and less than what a run of thousands of calls would leave if none went away. */
const mostDataFiles = 1500;

let world: World;
let upstream: GarbageUpstream;
let server: AttackedServer;
let checks: Map<string, SchemaChecks>;
let before: Holdings;

beforeAll(async () => {
  world = createWorld();
  upstream = await startGarbageUpstream();
  const keyFile = join(world.root, 'api-key');
  writeFileSync(keyFile, modelKeyCanary);
  server = await startAttackedServer(world, { llm: llmConfig(upstream.url, keyFile) });
  checks = await schemaChecks();
  for (const tool of registry) await fuzz(tool, fc.sample(fuzzInputs(tool), { seed: seed + 1, numRuns: warmUpInputs }));
  before = await server.holdings();
}, minutes(10));
afterAll(async () => {
  await server?.stop();
  await upstream?.close();
  world?.remove();
});

type SchemaChecks = {
  isAllowed: (args: unknown) => boolean;
  /** What of an answer does not fit; undefined where all does. */
  misfit: (answer: unknown) => string | undefined;
};

/** For each tool, whether arguments and answers are what it lists. */
async function schemaChecks(): Promise<typeof checks> {
  const ajv = new Ajv2020({ strict: false });
  const { text } = await server.request('tools/list', {}, '2025');
  const { result } = JSON.parse(text) as {
    result: { tools: { name: string; inputSchema: Json; outputSchema: Json }[] };
  };
  return new Map(
    result.tools.map(({ name, inputSchema, outputSchema }) => {
      const output = ajv.compile(outputSchema);
      const misfit = (answer: unknown) => (output(answer) ? undefined : ajv.errorsText(output.errors));
      return [name, { isAllowed: ajv.compile(inputSchema), misfit }];
    }),
  );
}

type Slowest = { milliseconds: number; args: string };

/** Sends all inputs and returns what was wrong with the answers, each with its input. */
async function fuzz(tool: Tool, inputs: readonly FuzzInput[]): Promise<{ faults: string[]; slowest: Slowest }> {
  const faults: string[] = [];
  let slowest: Slowest = { milliseconds: 0, args: '' };
  await inParallel(inputs, atOnce, async ({ args, kind }, index) => {
    if (faults.length > 20) return;
    const era: Era = index % 3 === 2 ? '2026' : '2025';
    const shown = JSON.stringify(args) ?? 'undefined';
    const answer = await server.call(tool.name, args, era);
    if (answer.milliseconds > slowest.milliseconds) {
      slowest = { milliseconds: answer.milliseconds, args: shown.slice(0, 300) };
    }
    const found = faultsOfAnswer(answer, { world, sent: textsIn(args), onlyShop: false }).filter(
      // What is configured, and where, is what these two are asked for.
      (fault) => !(toolsThatNamePlaces.has(tool.name) && fault === 'shows a path of the machine'),
    );
    const { structuredContent, isError } = (parse(answer.text)?.result ?? {}) as Json;
    const misfit = structuredContent === undefined ? undefined : checks.get(tool.name)?.misfit(structuredContent);
    if (misfit !== undefined) found.push(`does not fit its schema: ${misfit}`);
    // Blank texts are trimmed before they are measured, which no schema says.
    const isFit = kind === 'valid' && checks.get(tool.name)?.isAllowed(args) === true;
    if (
      isFit &&
      isError === true &&
      !textsIn(args).some((one) => one.trim() === '') &&
      answer.text.includes(`${tool.name} takes: `)
    ) {
      found.push(`refuses what its schema allows: ${answer.text.slice(0, 300)}`);
    }
    if (found.length > 0) faults.push(`input ${index} (${kind}, ${era}) ${shown.slice(0, 1000)}: ${found.join('; ')}`);
  });
  return { faults, slowest };
}

const toolsThatNamePlaces: ReadonlySet<string> = new Set(['get_configuration', 'list_codebases']);

/** All texts in a value: what the caller sent, and may see again. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.slice(0, 100).flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)]);
}

describe(`[safety.fuzz] ${inputsPerTool} inputs, seed ${seed}`, () => {
  test.each(registry.map((tool) => ({ name: tool.name, tool })))(
    '$name',
    async ({ tool }) => {
      await server.metric('nodejs_eventloop_lag_max_seconds');
      const inputs = fc.sample(fuzzInputs(tool), { seed, numRuns: inputsPerTool });
      const { faults, slowest } = await fuzz(tool, inputs);
      expect(faults, `seed ${seed}`).toEqual([]);
      expect(server.isAlive(), server.logs().slice(-3000)).toBe(true);
      const lag = await server.metric('nodejs_eventloop_lag_max_seconds');
      if (process.env.CODESAGE_FUZZ_REPORT !== undefined) {
        const { milliseconds, args } = slowest;
        process.stderr.write(`${tool.name}: lag ${lag.toFixed(3)} s, slowest ${milliseconds.toFixed(0)} ms ${args}\n`);
      }
      expect(lag, 'the event loop stood still').toBeLessThan(mostLagSeconds * crowding());
    },
    limitMs,
  );

  test(
    'broken envelopes and bodies',
    async () => {
      const requests: BrokenRequest[] = fc.sample(brokenRequests, { seed, numRuns: inputsPerTool * 4 });
      const faults: string[] = [];
      await inParallel(requests, atOnce, async ({ body, headers }) => {
        const { status, text } = await server.post(body, headers);
        const shown = `${JSON.stringify(headers)} ${String(body).slice(0, 300)}`;
        if (status >= 500) faults.push(`${shown}: status ${status} ${text.slice(0, 300)}`);
        if (text !== '' && parse(text) === undefined && !text.startsWith('event:')) faults.push(`${shown}: ${text}`);
        if (/-32603|\bat [\w.]+ \(/.test(text)) faults.push(`${shown}: ${text.slice(0, 300)}`);
      });
      expect(faults, `seed ${seed}`).toEqual([]);
      expect(server.isAlive()).toBe(true);
    },
    minutes(10),
  );

  test(
    'bytes that are no HTTP',
    async () => {
      const requests = fc.sample(rawRequests, { seed, numRuns: Math.min(inputsPerTool, 2000) });
      const faults: string[] = [];
      await inParallel(requests, atOnce, async (bytes) => {
        const answer = await sendRaw(server.mcp, bytes);
        if (/^HTTP\/1\.1 5/.test(answer))
          faults.push(`${bytes.toString('latin1').slice(0, 300)}: ${answer.slice(0, 300)}`);
      });
      expect(faults, `seed ${seed}`).toEqual([]);
      expect(server.isAlive()).toBe(true);
    },
    minutes(10),
  );

  test('after all of it every tool answers as before', async () => {
    for (const tool of registry) {
      const { text } = await server.call(tool.name, usualArguments(tool), '2025');
      expect((parse(text)?.result as Json | undefined)?.isError, `${tool.name}: ${text.slice(0, 300)}`).toBeUndefined();
    }
    expect(server.logs()).not.toContain('failed unexpectedly');
  });

  test('nothing is left behind: heap, descriptors, processes, files', async () => {
    const after = await server.holdings();
    process.stderr.write(`held before ${JSON.stringify(before)}\nheld after  ${JSON.stringify(after)}\n`);
    expect(after.heapBytes - before.heapBytes).toBeLessThan(mostHeapGrowth);
    expect(after.descriptors - before.descriptors).toBeLessThan(40);
    expect(after.children).toBe(0);
    expect(after.temporaryFiles - before.temporaryFiles).toBeLessThan(3);
    // Versions of the index come and go with the runs that were asked for.
    expect(after.dataFiles).toBeLessThan(mostDataFiles);
  });
});
