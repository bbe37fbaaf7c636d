/** Decides what counts as healthy, a component at a time: http, mcp, memory, index. */
import { type AdminStatus, isEmbeddingProblem } from '../contract.ts';
import type { Engine, EngineStatus } from '../engine.ts';
import type { McpEndpoint } from '../mcp/endpoint.ts';
import type { MemoryGuard } from '../observability/memory-guard.ts';

export const components = ['http', 'mcp', 'memory', 'index'] as const;
export type Component = (typeof components)[number];

export type ComponentHealth = { component: Component; status: AdminStatus['health'][Component]; message: string };

export type HealthServices = {
  engine: Engine;
  mcp: McpEndpoint;
  memory: MemoryGuard;
  /** Whether the http port accepts connections. */
  isListening: () => boolean;
};

/** Looks at one component. */
export async function checkComponent(component: Component, services: HealthServices): Promise<ComponentHealth> {
  switch (component) {
    case 'http':
      return services.isListening()
        ? { component, status: 'ok', message: 'The http port accepts connections.' }
        : { component, status: 'failed', message: 'The http port is closed; the server is starting or stopping.' };
    case 'mcp':
      return checkMcp(services.mcp);
    case 'memory':
      return services.memory.state() === 'ok'
        ? { component, status: 'ok', message: 'Memory use is below 80 % of its limit.' }
        : {
            component,
            status: 'warning',
            message: 'Memory use is above 80 % of its limit; caches are reduced. Raise the memory limit if it stays.',
          };
    case 'index':
      return judgeIndex(
        services.engine.isServing(),
        services.engine.isServing() ? await services.engine.status() : undefined,
      );
  }
}

/** Looks at all components. */
export function checkAll(services: HealthServices): Promise<ComponentHealth[]> {
  return Promise.all(components.map((component) => checkComponent(component, services)));
}

/** Only `failed` is unhealthy: an empty index and high memory still serve. */
export function isHealthy({ status }: Pick<ComponentHealth, 'status'>): boolean {
  return status !== 'failed';
}

/** A real request, through everything but the socket. */
async function checkMcp(mcp: McpEndpoint): Promise<ComponentHealth> {
  const body = { jsonrpc: '2.0', id: 'health', method: 'tools/list' };
  const request = new Request('http://localhost/mcp', { method: 'POST' });
  const response = await mcp.handle(request, body, request.signal);
  const answer = (await response.json()) as { result?: { tools?: unknown[] } };
  const count = answer.result?.tools?.length ?? 0;
  return count > 0
    ? { component: 'mcp', status: 'ok', message: `The MCP endpoint lists ${count} tools.` }
    : { component: 'mcp', status: 'failed', message: 'The MCP endpoint lists no tools. See the log.' };
}

function judgeIndex(serving: boolean, status: EngineStatus | undefined): ComponentHealth {
  const component = 'index';
  const problem = status?.index.problem;
  if (!serving || status === undefined)
    return { component, status: 'failed', message: 'The index is not open yet, or could not be opened.' };
  const impaired = problem !== undefined && isEmbeddingProblem(problem);
  if (problem !== undefined && !impaired) return { component, status: 'failed', message: problem.message };
  const files = status.codebases.reduce((sum, codebase) => sum + codebase.files, 0);
  if (impaired && files > 0)
    return { component, status: 'ok', message: `The index serves ${files} files. ${problem.message}` };
  return files === 0
    ? { component, status: 'empty', message: 'The index is open and holds no files yet.' }
    : { component, status: 'ok', message: `The index serves ${files} files.` };
}
