/** Decides how MCP is spoken to a server under trial: with the two SDK generations that real clients are built on, reduced to what is asked. */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export type ToolAnswer = { isError: boolean; text: string; structured: Record<string, unknown> };

/** The part of an MCP client that is used here. */
export type McpSession = {
  listTools(): Promise<string[]>;
  call(name: string, args?: Record<string, unknown>): Promise<ToolAnswer>;
  close(): Promise<void>;
};

const info = { name: 'codesage-hack', version: '1.0.0' };

/** Clients by what they are: the v1 SDK; the v2 SDK in the era with `initialize`; the v2 SDK in the stateless era. */
export const clientKinds = ['sdk v1', 'sdk v2, 2025 era', 'sdk v2, 2026 era'] as const;
export type ClientKind = (typeof clientKinds)[number];

type RawResult = { isError?: boolean | undefined; content?: unknown; structuredContent?: unknown };

function answer(result: RawResult): ToolAnswer {
  const content = Array.isArray(result.content) ? (result.content as { type: string; text?: string }[]) : [];
  return {
    isError: result.isError === true,
    text: content.map((part) => part.text ?? '').join('\n'),
    structured: (result.structuredContent ?? {}) as Record<string, unknown>,
  };
}

/** Connects a client of that kind to the MCP endpoint at `url`. */
export async function connect(kind: ClientKind, url: string, fetch: typeof globalThis.fetch): Promise<McpSession> {
  if (kind === 'sdk v1') {
    const client = new LegacyClient(info);
    await client.connect(new LegacyTransport(new URL(url), { fetch }));
    return {
      listTools: async () => (await client.listTools()).tools.map((tool) => tool.name),
      call: async (name, args = {}) => answer((await client.callTool({ name, arguments: args })) as RawResult),
      close: () => client.close(),
    };
  }
  const mode = kind === 'sdk v2, 2025 era' ? 'legacy' : { pin: '2026-07-28' };
  const client = new ModernClient(info, { versionNegotiation: { mode } });
  await client.connect(new ModernTransport(new URL(url), { fetch }));
  return {
    listTools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args = {}) => answer((await client.callTool({ name, arguments: args })) as RawResult),
    close: () => client.close(),
  };
}
