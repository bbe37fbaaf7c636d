/** Decides how the server speaks over stdin and stdout, in both protocol eras, for a client that starts it itself. */
import type { Server } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Logger } from 'pino';

export type StdioServer = {
  close: () => Promise<void> /** Resolves when the client closed its end. */;
  closed: Promise<void>;
};

/** Starts to serve. Nothing else may write to stdout from here on. */
export function startStdioServer(createServer: () => Server, log: Logger): StdioServer {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  process.stdin.once('end', resolve);
  process.stdin.once('close', resolve);
  const handle = serveStdio(createServer, {
    transport: new StdioServerTransport(),
    onerror: (error) => log.debug({ reason: error.message }, 'MCP message rejected'),
  });
  return { close: () => handle.close(), closed };
}
