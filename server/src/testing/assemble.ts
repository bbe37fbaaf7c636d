/** Decides how tests put the public and internal apps together over a stub engine, without sockets. */
import type { Hono } from 'hono';
import { pino } from 'pino';
import { type AuthGate, openGate } from '../auth/gate.ts';
import { buildCacheReport } from '../cache/statistics.ts';
import { loadSettings, type Settings } from '../config.ts';
import type { ServerConfigInput } from '../contract.ts';
import { createTextDesk } from '../desk/desk.ts';
import type { Engine } from '../engine.ts';
import { createInternalApp } from '../http/internal-app.ts';
import { defaultHttpLimits, type HttpLimits } from '../http/limits.ts';
import { createPublicApp } from '../http/public-app.ts';
import { createLlmService } from '../llm/service.ts';
import { createMcpEndpoint } from '../mcp/endpoint.ts';
import { startMemoryGuard } from '../observability/memory-guard.ts';
import { createMetrics } from '../observability/metrics.ts';
import { createUsage } from '../observability/usage.ts';
import type { ToolServices } from '../tools/define.ts';
import { Lanes } from '../tools/lanes.ts';
import { registry } from '../tools/registry.ts';
import { createToolRunner } from '../tools/run.ts';
import { createStubEngine } from './stub-engine.ts';

export type TestOptions = {
  engine?: Engine;
  config?: ServerConfigInput;
  limits?: Partial<HttpLimits>;
  boundHost?: string;
  token?: string;
  auth?: AuthGate;
};

/** Settings as a test configures them; one codebase `shop` at /code/shop. */
export function testSettings(config: ServerConfigInput = {}): Settings {
  const yaml = JSON.stringify({ sources: [{ name: 'shop', path: '/code/shop' }], ...config });
  return loadSettings({ env: {}, flags: {}, cacheHome: '/cache', cwd: '/', readFile: () => yaml });
}

/** What tools get, over a stub. `env` may hold keys of model providers. */
export function testServices(
  engine: Engine = createStubEngine(),
  settings = testSettings(),
  env: Readonly<Record<string, string>> = {},
): ToolServices {
  const log = pino({ level: 'silent' });
  const cacheReport = () =>
    buildCacheReport({
      caches: engine.cacheStatistics(),
      requests: { count: 0, seconds: 0 },
      uptimeSeconds: 1,
      memoryUsedFraction: 0.1,
      config: settings.config,
    });
  const processFigures = () => ({
    uptimeSeconds: 1,
    rssBytes: 100,
    peakRssBytes: 100,
    heapUsedBytes: 50,
    maxBytes: 1000,
    eventLoopDelayMs: { mean: 0, p50: 0, p99: 0, max: 0 },
  });
  const usage = createUsage(Date.now);
  return {
    engine,
    settings,
    version: '0.0.0-test',
    log,
    llm: createLlmService({ settings: () => settings.config.llm, env, log }),
    tools: registry,
    cacheReport,
    // Its thread ends with the test's process.
    desk: createTextDesk(),
    usage,
    processFigures,
  };
}

/** Both apps over one engine. */
export function assembleApps(options: TestOptions = {}): { app: Hono; internal: Hono; engine: Engine } {
  const engine = options.engine ?? createStubEngine();
  const settings = testSettings(options.config);
  const services = testServices(engine, settings);
  const { log, version } = services;
  const maxBytes = settings.config.memory.maxMB * 1024 * 1024;
  const lanes = new Lanes();
  const metrics = createMetrics({
    engine,
    maxMemoryBytes: maxBytes,
    now: Date.now,
    lanes: () => lanes.counts(),
    circuits: () => services.llm.circuits(),
  });
  const runTool = createToolRunner(services, metrics.observeTool, undefined, lanes);
  const mcp = createMcpEndpoint({ tools: registry, runTool, version }, log);
  const rssBytes = () => 100;
  const memory = startMemoryGuard({ engine, maxBytes, log, rssBytes });
  memory.stop();
  const app = createPublicApp({
    config: settings.config.http,
    mcp,
    auth: options.auth ?? openGate,
    readToken: () => options.token,
    limits: () => ({ ...defaultHttpLimits, ...options.limits }),
    version,
    boundHost: options.boundHost,
    log,
    observe: metrics.observeHttp,
  });
  const internal = createInternalApp({
    engine,
    mcp,
    memory,
    metrics,
    config: settings.config,
    version,
    log,
    rssBytes,
    peakRssBytes: rssBytes,
    startedAt: new Date(0),
    isListening: () => true,
    readToken: () => options.token,
  });
  return { app, internal, engine };
}

/** Posts one JSON-RPC message as curl does: a content type and nothing else. */
export async function post(app: Hono, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return app.request('/mcp', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: text,
  });
}

/** Headers and envelope of one request in the 2026-07-28 era. */
export function modernCall(
  method: string,
  params: Record<string, unknown> = {},
  version = '2026-07-28',
): { body: unknown; headers: Record<string, string> } {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
  };
  const name: Record<string, string> = typeof params.name === 'string' ? { 'Mcp-Name': params.name } : {};
  return {
    body: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } },
    headers: {
      Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': version,
      'Mcp-Method': method,
      ...name,
    },
  };
}
