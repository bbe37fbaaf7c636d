/** Decides how the rooms are put together into a running server, and in which order it starts and stops. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createAuditLog } from '../auth/audit.ts';
import { createAuthGate } from '../auth/gate.ts';
import { buildCacheReport } from '../cache/statistics.ts';
import type { Settings } from '../config.ts';
import { createContents } from '../contents/contents.ts';
import { createTextDesk } from '../desk/desk.ts';
import type { Engine } from '../engine.ts';
import { messageOf } from '../errors.ts';
import { createInternalApp } from '../http/internal-app.ts';
import { type Listener, listen } from '../http/listen.ts';
import { isLoopbackAddress } from '../http/origin.ts';
import { createPublicApp } from '../http/public-app.ts';
import { createLlmService } from '../llm/service.ts';
import { createMcpEndpoint } from '../mcp/endpoint.ts';
import { createMcpServerFactory } from '../mcp/server.ts';
import { startStdioServer } from '../mcp/stdio.ts';
import { batched } from '../observability/batched-output.ts';
import { startCacheWatch } from '../observability/cache-watch.ts';
import { createLogger, type LogOutput } from '../observability/logger.ts';
import { startMemoryGuard } from '../observability/memory-guard.ts';
import { createMetrics } from '../observability/metrics.ts';
import { watchProcess } from '../observability/process-figures.ts';
import { createRequestCounter } from '../observability/request-totals.ts';
import { createUsage } from '../observability/usage.ts';
import { Lanes } from '../tools/lanes.ts';
import { registry } from '../tools/registry.ts';
import { createToolRunner, type ToolObservation } from '../tools/run.ts';
import { type CliDeps, engineOptions, readFileIfThere } from './deps.ts';
import { createReload } from './reload-config.ts';

/** For how long a server that only searches goes on accepting calls after it was told to stop: others can take them. */
const searchDrainSeconds = 5;
/** Longest wait for answers under way, and then for the engine, when stopping. All three fit into Kubernetes' 30 s. */
const drainMs = 10_000;
const engineStopMs = 12_000;

export type RunningServer = {
  httpPort: number;
  internalPort: number;
  /** Reads the configuration again and takes over what it can. Never rejects. */
  reload: () => Promise<void>;
  /** Resolves once everything is closed. Idempotent. */
  stop: () => Promise<void>;
};

export type ServeOptions = { settings: Settings; deps: CliDeps };
export type HttpServeOptions = ServeOptions & {
  /** Reads all settings once more. */
  readSettings?: () => Settings;
};

/** Everything that both transports share: the engine, the tools over it, and what watches them. */
async function assemble({ settings, deps }: ServeOptions, log: Logger, output: LogOutput) {
  const { config } = settings;
  const startedAt = new Date();
  const maxBytes = config.memory.maxMB * 1024 * 1024;
  const rssBytes = () => process.memoryUsage.rss();
  const peakRssBytes = () => process.resourceUsage().maxRSS * 1024;
  // The process still ends as Node has it; this only makes the reason a line like the others.
  process.on('uncaughtExceptionMonitor', (error) => log.fatal({ err: error }, 'Unexpected failure; the process ends'));
  const engine = await deps.createEngine({ ...engineOptions(settings), log, clock: Date.now, background: true });
  const memory = startMemoryGuard({ engine, maxBytes, log, rssBytes });
  const cacheWatch = startCacheWatch({ engine, log });
  const lanes = new Lanes();
  const metrics = createMetrics({
    engine,
    maxMemoryBytes: maxBytes,
    now: Date.now,
    lanes: () => lanes.counts(),
    circuits: () => llm.circuits(),
  });
  const llm = createLlmService({
    settings: () => settings.config.llm,
    env: deps.env,
    log,
    observe: metrics.observeLlm,
  });
  const audit = createAuditLog({
    settings: () => settings.config.auth.audit,
    isOn: () => log.isLevelEnabled('info'),
    format: config.logging.format,
    output,
  });
  const requests = createRequestCounter();
  const usage = createUsage(Date.now);
  const watch = watchProcess({ maxBytes, startedAtMs: startedAt.getTime(), now: Date.now });
  const cacheReport = () =>
    buildCacheReport({
      caches: engine.cacheStatistics(),
      requests: requests.totals(),
      uptimeSeconds: (Date.now() - startedAt.getTime()) / 1000,
      memoryUsedFraction: rssBytes() / maxBytes,
      config,
    });
  const observe = (observation: ToolObservation) => {
    requests.add(observation.seconds);
    usage.record(observation);
    metrics.observeTool(observation);
    audit.record(observation);
  };
  const { figures: processFigures } = watch;
  const desk = createTextDesk();
  const { version } = deps;
  const shown = { cacheReport, desk, usage, processFigures };
  const toolServices = { engine, settings, version, log, llm, tools: registry, ...shown };
  const runTool = createToolRunner(toolServices, observe, undefined, lanes);
  const contents = createContents({ engine, settings, observe });
  const services = { tools: registry, runTool, version: deps.version, contents };
  const stopWatching = () => {
    memory.stop();
    cacheWatch.stop();
    watch.stop();
    void desk.close();
  };
  return { engine, memory, metrics, startedAt, rssBytes, peakRssBytes, services, stopWatching };
}

/**
 * Starts the HTTP server. The ports open first, so that liveness answers while the index opens; readiness follows the
 * engine. An index that cannot be opened is tried again: ending the process would only lose the reason.
 * @throws CodeSageError `PortInUse`, `ConfigInvalid`.
 */
export async function startHttpServer(options: HttpServeOptions): Promise<RunningServer> {
  const { settings, deps, readSettings = () => settings } = options;
  const { config, host } = settings;
  const output = batched(deps.stdout);
  const log = createLogger(config.logging, output);
  const parts = await assemble(options, log, output);
  const { engine, metrics } = parts;
  const auth = await createAuthGate(config.auth, { log, clock: Date.now, observe: metrics.observeAuthFailure });
  warnOfOpenPort(settings, log);
  const mcp = createMcpEndpoint(parts.services, log);
  const readToken = () => readFileIfThere(settings.internalTokenFile);
  const publicApp = createPublicApp({
    config: config.http,
    mcp,
    auth,
    readToken,
    limits: () => settings.config.limits,
    version: deps.version,
    boundHost: host,
    log,
    observe: metrics.observeHttp,
  });
  let http: Listener | undefined;
  let isDraining = false;
  const internalApp = createInternalApp({
    ...parts,
    mcp,
    config,
    version: deps.version,
    log,
    isListening: () => !isDraining && (http?.isListening() ?? false),
    readToken,
  });
  const { limits } = config;
  const internal = await listen(internalApp, {
    port: settings.internalPort,
    host,
    limits,
    flag: '--internal-port',
  });
  http = await listen(publicApp, { port: settings.httpPort, host, limits, flag: '--port' });
  const public_ = http;
  const url = `http://${host ?? 'localhost'}:${public_.port}/mcp`;
  log.info(
    { url, internalPort: internal.port, version: deps.version, dataDir: settings.dataDir },
    'CodeSage MCP Server is running',
  );
  const starting = startEngine(engine, log);

  const reload = createReload({ settings, read: readSettings, engine, auth, log });
  const stop = async () => {
    // Readiness fails from here on; calls are answered until nobody sends them here any more.
    isDraining = true;
    public_.beginDrain();
    const drainSeconds = drainSecondsOf(settings);
    if (drainSeconds > 0) log.info({ drainSeconds }, 'Stopping soon: requests are still accepted for a moment');
    await delay(drainSeconds * 1000);
    log.info('Stopping: no new requests are accepted');
    starting.cancel();
    parts.stopWatching();
    await public_.close(drainMs, drainSeconds > 0 ? 'idle' : undefined);
    await mcp.close();
    auth.close();
    await stopEngine(engine, log);
    await internal.close(1000);
    log.info('Stopped');
    output.flush();
  };
  return { httpPort: public_.port, internalPort: internal.port, reload, stop: once(stop) };
}

/** On the loopback address only this machine's own programs call; what listens elsewhere is for whoever finds it. */
function warnOfOpenPort({ config, host }: Settings, log: Logger): void {
  if (config.auth.mode !== 'None' || isLoopbackAddress(host)) return;
  log.warn('auth.mode is None: whoever reaches the port may search all codebases');
}

/** Nobody stands in front of a developer's own server, and nobody would take over from a server that is alone. */
function drainSecondsOf({ config, configFile }: Settings): number {
  if (configFile === undefined) return 0;
  return config.http.drainSeconds ?? (config.replication.role === 'Search' ? searchDrainSeconds : 0);
}

/** Serves one client over stdin and stdout until it closes its end. Logs go to stderr. */
export async function serveStdioUntilClosed(options: ServeOptions, stopRequested: Promise<unknown>): Promise<void> {
  const { settings, deps } = options;
  const output = batched(deps.stderr);
  const log = createLogger(settings.config.logging, output);
  const { engine, services, stopWatching } = await assemble(options, log, output);
  const stdio = startStdioServer(createMcpServerFactory(services), log);
  const starting = startEngine(engine, log);
  log.info({ version: deps.version, dataDir: settings.dataDir }, 'CodeSage MCP Server is running on stdio');
  await Promise.race([stdio.closed, stopRequested]);
  starting.cancel();
  stopWatching();
  await stdio.close();
  await stopEngine(engine, log);
  output.flush();
}

/** Opens the engine, again and again with growing pauses while it fails. */
function startEngine(engine: Engine, log: Logger): { cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let cancelled = false;
  const attempt = (pauseMs: number) => {
    engine.start().catch((error) => {
      if (cancelled) return;
      log.error({ err: error, retrySeconds: pauseMs / 1000 }, 'The index could not be opened');
      timer = setTimeout(() => attempt(Math.min(pauseMs * 2, 60_000)), pauseMs);
    });
  };
  attempt(5000);
  return {
    cancel: () => {
      cancelled = true;
      clearTimeout(timer);
    },
  };
}

async function stopEngine(engine: Engine, log: Logger): Promise<void> {
  const late = Symbol('late');
  const { promise, resolve } = Promise.withResolvers<typeof late>();
  const timer = setTimeout(() => resolve(late), engineStopMs);
  try {
    const result = await Promise.race([engine.stop(), promise]);
    if (result === late)
      log.warn({ seconds: engineStopMs / 1000 }, 'The engine did not stop in time; its published index is safe');
  } catch (error) {
    log.warn({ err: messageOf(error) }, 'The engine failed to stop cleanly; its published index is safe');
  } finally {
    clearTimeout(timer);
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}
