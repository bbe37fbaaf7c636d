/** Decides what Prometheus sees; the names are the contract's, so alerts and dashboards can rely on them. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { cacheNames } from '../cache/statistics.ts';
import { metricNames } from '../contract.ts';
import type { Engine } from '../engine.ts';
import type { LlmObservation } from '../llm/service.ts';
import type { LaneCount } from '../tools/lanes.ts';
import type { ToolObservation } from '../tools/run.ts';

export type Metrics = {
  observeTool: (observation: ToolObservation) => void;
  observeHttp: (route: string, status: number) => void;
  observeLlm: (observation: LlmObservation) => void;
  /** A request that was refused for its credential, or for the want of one. */
  observeAuthFailure: (reason: string) => void;
  /** The exposition text and its content type. */
  render: () => Promise<{ text: string; contentType: string }>;
};

/** Whether a model provider is left alone at this moment. */
export type CircuitState = { provider: string; isOpen: boolean };

type TallyOptions = { name: string; help: string; labelNames: readonly string[] };

/**
 * Registers a counter for what is on the way of every request: it is counted in a map of our own, and the library hears of
 * it when Prometheus asks. Returns what counts one, given the values of the labels in order.
 */
function registerTally(registry: Registry, { name, help, labelNames }: TallyOptions): (...values: string[]) => void {
  const tallies = new Map<string, { values: readonly string[]; count: number }>();
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const { values, count } of tallies.values())
        this.inc(Object.fromEntries(labelNames.map((label, i) => [label, values[i] ?? ''])), count);
    },
  });
  return (...values) => {
    const key = values.join('\n');
    const tally = tallies.get(key);
    if (tally === undefined) tallies.set(key, { values, count: 1 });
    else tally.count += 1;
  };
}

/** Makes the registry. Figures of the engine are read when Prometheus asks, so they are never stale. */
export function createMetrics({
  engine,
  maxMemoryBytes,
  now,
  lanes,
  circuits,
}: {
  engine: Engine;
  maxMemoryBytes: number;
  now: () => number;
  /** Heavy calls that run and wait at this moment. */
  lanes: () => readonly LaneCount[];
  /** Model providers that were asked, and whether they are left alone at this moment. */
  circuits: () => readonly CircuitState[];
}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const countToolRequest = registerTally(registry, {
    name: metricNames.toolRequests,
    help: 'Tool calls by tool, outcome and error code.',
    labelNames: ['tool', 'outcome', 'code'],
  });
  const toolDuration = new Histogram({
    name: metricNames.toolDuration,
    help: 'Seconds that tool calls took.',
    labelNames: ['tool'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
    registers,
  });
  const countHttpRequest = registerTally(registry, {
    name: metricNames.httpRequests,
    help: 'HTTP requests by route and status.',
    labelNames: ['route', 'status'],
  });
  const authFailures = new Counter({
    name: metricNames.authFailures,
    help: 'Requests refused for their credential, or for the want of one, by reason.',
    labelNames: ['reason'],
    registers,
  });
  new Gauge({ name: metricNames.memoryLimit, help: 'Configured memory limit (MAX_MEMORY_MB).', registers }).set(
    maxMemoryBytes,
  );
  registerLaneMetrics(registry, lanes);
  const observeLlm = registerLlmMetrics(registry, circuits);
  countEngineEvents(registry, engine);
  const refreshCaches = registerCacheMetrics(registry, engine);
  const refreshIndex = registerIndexMetrics(registry, engine, now);
  return {
    observeTool: ({ tool, seconds, outcome, code = '' }) => {
      countToolRequest(tool, outcome, code);
      toolDuration.observe({ tool }, seconds);
    },
    observeAuthFailure: (reason) => authFailures.inc({ reason }),
    observeLlm,
    observeHttp: (route, status) => countHttpRequest(route, String(status)),
    render: async () => {
      refreshCaches();
      await refreshIndex();
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}

function registerLaneMetrics(registry: Registry, lanes: () => readonly LaneCount[]): void {
  const gauge = (name: string, help: string, figure: (count: LaneCount) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['lane'],
      registers: [registry],
      collect() {
        for (const count of lanes()) this.set({ lane: count.lane }, figure(count));
      },
    });
  gauge(metricNames.toolCallsRunning, 'Heavy tool calls under way, by what makes them heavy.', (one) => one.running);
  gauge(metricNames.toolCallsWaiting, 'Heavy tool calls that wait for their turn.', (one) => one.waiting);
}

/** Returns what counts one question to a model provider. */
function registerLlmMetrics(
  registry: Registry,
  circuits: () => readonly CircuitState[],
): (observation: LlmObservation) => void {
  const registers = [registry];
  const requests = new Counter({
    name: metricNames.llmRequests,
    help: 'Questions to language models by provider and outcome.',
    labelNames: ['provider', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: metricNames.llmDuration,
    help: 'Seconds that questions to language models took, all attempts included.',
    labelNames: ['provider'],
    buckets: [0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120],
    registers,
  });
  new Gauge({
    name: metricNames.llmCircuitOpen,
    help: '1: the provider failed so often that it is left alone for a while.',
    labelNames: ['provider'],
    registers,
    collect() {
      for (const { provider, isOpen } of circuits()) this.set({ provider }, isOpen ? 1 : 0);
    },
  });
  return ({ provider, outcome, seconds }) => {
    requests.inc({ provider, outcome });
    duration.observe({ provider }, seconds);
  };
}

function countEngineEvents(registry: Registry, engine: Engine): void {
  const registers = [registry];
  const labelNames = ['codebase', 'outcome'];
  const runs = new Counter({
    name: metricNames.indexRuns,
    help: 'Index runs by codebase and outcome.',
    labelNames,
    registers,
  });
  const syncs = new Counter({
    name: metricNames.sourceSyncs,
    help: 'Syncs of sources by codebase and outcome.',
    labelNames,
    registers,
  });
  const duration = new Histogram({
    name: metricNames.indexDuration,
    help: 'Seconds that index runs took.',
    labelNames: ['codebase'],
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600],
    registers,
  });
  engine.subscribe?.((event) => {
    const { codebase, outcome } = event;
    if (event.type === 'synced') return syncs.inc({ codebase, outcome });
    runs.inc({ codebase, outcome });
    if (outcome === 'ok') duration.observe({ codebase }, event.seconds);
  });
}

/** Returns what brings the cache figures up to the engine's. */
function registerCacheMetrics(registry: Registry, engine: Engine): () => void {
  const registers = [registry];
  const seen = new Map<string, number>();
  const lookups = new Counter({
    name: metricNames.cacheRequests,
    help: 'Cache lookups by cache and result.',
    labelNames: ['cache', 'result'],
    registers,
  });
  const entries = new Gauge({
    name: metricNames.cacheEntries,
    help: 'Entries in each cache.',
    labelNames: ['cache'],
    registers,
  });
  return () => {
    const caches = engine.cacheStatistics();
    for (const cache of cacheNames) {
      lookups.inc({ cache, result: 'hit' }, growth(seen, `${cache}/hit`, caches[cache].hits));
      lookups.inc({ cache, result: 'miss' }, growth(seen, `${cache}/miss`, caches[cache].misses));
      entries.set({ cache }, caches[cache].size);
    }
  };
}

/** Returns what brings the index figures up to the engine's. */
function registerIndexMetrics(registry: Registry, engine: Engine, now: () => number): () => Promise<void> {
  const seen = new Map<string, number>();
  const registers = [registry];
  const labelNames = ['codebase'] as const;
  const files = new Gauge({
    name: metricNames.indexFiles,
    help: 'Files in the published index.',
    labelNames,
    registers,
  });
  const chunks = new Gauge({
    name: metricNames.indexChunks,
    help: 'Chunks in the published index.',
    labelNames,
    registers,
  });
  const age = new Gauge({
    name: metricNames.indexAge,
    help: 'Seconds since the published index was made.',
    labelNames,
    registers,
  });
  const skipped = new Gauge({
    name: metricNames.filesSkipped,
    help: 'Files left out of the index, by reason.',
    labelNames: ['codebase', 'reason'],
    registers,
  });
  const memory = new Gauge({
    name: metricNames.indexMemory,
    help: "Bytes of memory that the searched index takes; 0 where LanceDB's own indexes serve.",
    registers,
  });
  const embedded = new Counter({ name: metricNames.embeddedChunks, help: 'Chunks embedded since start.', registers });
  return async () => {
    const status = await engine.status();
    embedded.inc(growth(seen, 'embedded', status.embeddedChunks));
    memory.set(status.index.memoryBytes ?? 0);
    for (const gauge of [files, chunks, age, skipped]) gauge.reset();
    for (const codebase of status.codebases) {
      const label = { codebase: codebase.name };
      files.set(label, codebase.files);
      chunks.set(label, codebase.chunks);
      if (codebase.indexedAt !== undefined)
        age.set(label, Math.max(0, (now() - Date.parse(codebase.indexedAt)) / 1000));
      for (const [reason, count] of Object.entries(codebase.skipped)) skipped.set({ ...label, reason }, count);
    }
  };
}

/** How much a figure grew since it was last seen; a figure that fell counts from zero again. */
function growth(seen: Map<string, number>, key: string, value: number): number {
  const before = seen.get(key) ?? 0;
  seen.set(key, value);
  return value >= before ? value - before : value;
}
