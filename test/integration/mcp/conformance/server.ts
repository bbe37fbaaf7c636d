/**
 * Decides what the conformance suite is run against: our HTTP layer and our endpoint, with the tools, prompts and resources
 * that the suite asks for instead of ours. A process of its own; its first line on stdout is its address.
 */
import process from 'node:process';
import type { Server } from '@modelcontextprotocol/server';
import { openGate } from '../../../../server/src/auth/gate.ts';
import { serverConfigSchema } from '../../../../server/src/contract.ts';
import { defaultHttpLimits } from '../../../../server/src/http/limits.ts';
import { listen } from '../../../../server/src/http/listen.ts';
import { createPublicApp } from '../../../../server/src/http/public-app.ts';
import { createDirectAnswer, type DirectAnswer } from '../../../../server/src/mcp/direct.ts';
import { createMcpEndpoint } from '../../../../server/src/mcp/endpoint.ts';
import { isObject } from '../../../../server/src/mcp/json.ts';
import { createMcpServerFactory, type McpServices } from '../../../../server/src/mcp/server.ts';
import { createLogger } from '../../../../server/src/observability/logger.ts';
import { askingTools, promptWithQuestion } from './asking-tools.ts';
import { fixtureContents } from './contents.ts';
import { plainTools } from './plain-tools.ts';

const plain = new Map(plainTools.map((one) => [one.tool.name, one]));
const asking = new Map(askingTools.map((one) => [one.tool.name, one]));

const services: McpServices = {
  tools: [...plainTools, ...askingTools].map(({ tool }) => tool),
  runTool: async (tool, args, call, exchange) => {
    const given = isObject(args) ? args : {};
    const answered = plain.get(tool.name)?.answer(given, call);
    if (answered !== undefined) return answered;
    const asker = asking.get(tool.name);
    if (asker === undefined || exchange === undefined) throw new Error(`${tool.name} cannot be run here`);
    return asker.answer(given, exchange);
  },
  version: '0',
  contents: fixtureContents,
};

const createOurs = createMcpServerFactory(services);
const answerOurs = createDirectAnswer(services);

/** An instance as ours are, which takes what servers with sessions take and has the suite's one prompt that asks. */
function createServer(): Server {
  const server = createOurs();
  server.registerCapabilities({ logging: {}, resources: { subscribe: true } });
  server.setRequestHandler('logging/setLevel', () => ({}));
  server.setRequestHandler('resources/subscribe', () => ({}));
  server.setRequestHandler('resources/unsubscribe', () => ({}));
  const { get } = fixtureContents.prompts;
  server.setRequestHandler('prompts/get', ({ params }, context) =>
    params.name === 'test_input_required_result_prompt'
      ? promptWithQuestion(context)
      : get(params.name, params.arguments ?? {}, {
          caller: { name: 'suite', codebases: 'all' },
          signal: context.mcpReq.signal,
        }),
  );
  return server;
}

/** The shortcut as it is, but for tools that need an exchange. */
const answerDirectly: DirectAnswer = (route, headers, message, signal, caller) => {
  const name = isObject(message.params) ? message.params.name : undefined;
  return asking.has(String(name)) ? undefined : answerOurs(route, headers, message, signal, caller);
};

const log = createLogger({ level: 'warn', format: 'json' }, process.stderr);
const { http } = serverConfigSchema.parse({ sources: [] });
const app = createPublicApp({
  config: http,
  mcp: createMcpEndpoint(services, log, { createServer, answerDirectly }),
  auth: openGate,
  limits: () => defaultHttpLimits,
  version: services.version,
  boundHost: '127.0.0.1',
  log,
  observe: () => {},
});
const { port, close } = await listen(app, { port: 0, host: '127.0.0.1', limits: defaultHttpLimits, flag: '--port' });
process.stdout.write(`http://127.0.0.1:${port}/mcp\n`);
process.once('SIGTERM', () => void close(1000).then(() => process.exit(0)));
