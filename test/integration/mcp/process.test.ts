/** Decides whether the real process keeps its promises: the runbook's curl calls, ports, signals, restarts and refusals. */
import { execFile, spawn } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminStatusSchema } from '../../../server/src/contract.ts';
import {
  callTool,
  codesage,
  createWorkspace,
  eventually,
  type ServerProcess,
  serveArgs,
  startServer,
  type Workspace,
} from './support/server-process.ts';

const run = promisify(execFile);
const token = 'integration-token';

let workspace: Workspace;
let server: ServerProcess;
let tokenFile: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  tokenFile = path.join(path.dirname(workspace.source), 'token');
  await writeFile(tokenFile, `${token}\n`);
  server = await startServer(workspace, { env: { CODESAGE_INTERNAL_TOKEN_FILE: tokenFile } });
});
afterAll(async () => {
  await server?.stop();
  await workspace?.remove();
});

/** Runs a curl call of the runbook word for word, but for the port. */
async function runbookCurl(command: string): Promise<unknown> {
  const { stdout } = await run('bash', ['-c', command.replaceAll('http://localhost:8000', server.url.origin)]);
  return JSON.parse(stdout);
}

describe('the runbook', () => {
  test('[runbook-2.1] the check of the service status', async () => {
    expect(await runbookCurl('curl -s http://localhost:8000/')).toMatchObject({
      message: 'CodeSage MCP Server is running!',
    });
  });

  test('[server.runbook-curl] the check of MCP', async () => {
    const answer = await runbookCurl(`curl -s -X POST \\
  -H "Content-Type: application/json" \\
  -d '{"jsonrpc": "2.0", "method": "initialize", "id": 1}' \\
  http://localhost:8000/mcp`);
    expect(answer).toMatchObject({
      jsonrpc: '2.0',
      id: 1,
      result: { serverInfo: { name: 'codesage' }, capabilities: { tools: {} } },
    });
  });

  test('[runbook-4.1] the call for cache statistics', async () => {
    const answer = await runbookCurl(`curl -s http://localhost:8000/mcp -X POST \\
  -H "Content-Type: application/json" \\
  -d '{"jsonrpc": "2.0", "method": "tools/call", "id": 1, "params": {"name": "get_cache_statistics"}}'`);
    expect(answer).toMatchObject({
      id: 1,
      result: {
        structuredContent: { caching_enabled: true, statistics: { hit_rates: { overall: expect.any(Number) } } },
      },
    });
  });

  test('[runbook-9.2] every log line is one JSON object with the fixed keys', () => {
    const lines = server.logs().trim().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({
        level: expect.any(String),
        time: expect.any(String),
        message: expect.any(String),
      });
    }
  });

  test('[runbook-4.2] the log has the line about indexing', () => {
    expect(server.logs()).toMatch(/Indexed \d+ files in [\d.]+ seconds/);
  });
});

describe('the command line beside a running server', () => {
  test('health: one line a check and exit code 0', async () => {
    const { stdout } = await run(process.execPath, [codesage, 'health', '--url', server.internal.href]);
    expect(stdout).toMatch(
      /^OK {6}http .*\nOK {6}mcp .*\nOK {6}memory .*\nOK {6}index .*The index serves 4 files\.\n$/,
    );
  });

  test('[runbook-1.1-local] search: finds the passage', async () => {
    const { stdout } = await run(process.execPath, [
      codesage,
      'search',
      'failed payment again',
      '--url',
      server.url.href,
      '--top',
      '1',
    ]);
    expect(stdout).toMatch(/^shop\/src\/payment\.ts:\d+-\d+/);
  });

  test('a second server on the same port says so and ends with the code for it', async () => {
    const other = await createWorkspace();
    try {
      const second = run(process.execPath, [
        codesage,
        ...serveArgs(other),
        '--port',
        server.url.port,
        '--internal-port',
        '0',
      ]);
      await expect(second).rejects.toMatchObject({ code: 3, stderr: expect.stringMatching(/PortInUse.*--port/) });
    } finally {
      await other.remove();
    }
  });

  test('a wrong setting is named, with what to write', async () => {
    const wrong = run(process.execPath, [codesage, ...serveArgs(workspace)], {
      env: { ...process.env, MAX_MEMORY_MB: '5' },
    });
    await expect(wrong).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/memory\.maxMB \(from MAX_MEMORY_MB\).*at least 64/),
    });
  });
});

describe('the internal port', () => {
  test('[server.internal-port] is not the public one, and its admin API reads the token anew each time', async () => {
    expect((await fetch(new URL('/metrics', server.url))).status).toBe(404);
    const status = () =>
      fetch(new URL('/admin/v1/status', server.internal), { headers: { Authorization: `Bearer ${token}` } });
    expect(adminStatusSchema.parse(await (await status()).json())).toMatchObject({
      health: { http: 'ok', mcp: 'ok', index: 'ok' },
      codebases: [{ name: 'shop', state: 'Ready', files: 4 }],
    });
    await writeFile(tokenFile, 'rotated');
    expect((await status()).status).toBe(401);
    await writeFile(tokenFile, token);
    expect((await status()).status).toBe(200);
  });
});

describe('paths', () => {
  test.each([
    ['a secret', 'shop/.env'],
    ['an ignored file', 'shop/ignored.ts'],
    ['a path that climbs out', 'shop/../outside.ts'],
    ['a link to a file outside', 'shop/src/link.ts'],
    ['a file through a linked directory', 'shop/linked/outside.ts'],
    ['an absolute path elsewhere', '/etc/hostname'],
  ])('[server.path-safety] %s is not read, and its text is in no answer', async (_name, file_path) => {
    const outside = path.join(path.dirname(workspace.source), 'outside.ts');
    await writeFile(outside, 'export const hunter2 = 1;\n');
    await symlink(outside, path.join(workspace.source, 'src/link.ts')).catch(ignoreExisting);
    await symlink(path.dirname(workspace.source), path.join(workspace.source, 'linked')).catch(ignoreExisting);
    await callTool(server.url, 'index_codebase', { path: 'shop' });
    const read = await (await callTool(server.url, 'read_code_file', { file_path })).text();
    expect(JSON.parse(read)).toMatchObject({ result: { isError: true } });
    for (const pattern of ['hunter2', 'ignoredThing']) {
      const exact = await callTool(server.url, 'search_codebase', { codebase_path: 'shop', pattern });
      expect(await exact.json()).toMatchObject({ result: { structuredContent: { results: [] } } });
      const semantic = await callTool(server.url, 'semantic_search_codebase', { query: pattern, top_k: 50 });
      const { result } = (await semantic.json()) as { result: { structuredContent: { results: { text: string }[] } } };
      expect(result.structuredContent.results.filter(({ text }) => text.includes(pattern))).toEqual([]);
    }
  });
});

describe('limits on the wire', () => {
  test('[server.limits] a huge body is refused, and the server goes on', async () => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: `"${'x'.repeat(2 * 1024 * 1024)}"`,
    });
    expect(response.status).toBe(413);
    expect((await callTool(server.url, 'list_codebases')).status).toBe(200);
  });

  test('[server.origin-checked] a page of another origin is refused', async () => {
    const response = await callTool(
      server.url,
      'list_codebases',
      {},
      { headers: { 'Content-Type': 'application/json', Origin: 'https://evil.example' } },
    );
    expect(response.status).toBe(403);
  });
});

describe('stopping and starting', () => {
  test('[runbook-1.3] SIGTERM ends cleanly, and the next start finds its index: not one chunk is embedded again', async () => {
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    server = await startServer(workspace, { env: { CODESAGE_INTERNAL_TOKEN_FILE: tokenFile } });
    const { result } = (await (await callTool(server.url, 'get_index_status')).json()) as {
      result: { structuredContent: Record<string, unknown> };
    };
    expect(result.structuredContent).toMatchObject({ embedded_chunks: 0, codebases: [{ files: 4 }] });
  });

  test('a connection that is kept open does not keep the server from stopping', async () => {
    const idle = await connect(Number(server.url.port));
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    idle.destroy();
  });

  test('[server.stdio] nothing but the protocol is on stdout, and the end of stdin ends the server', async () => {
    const child = spawn(process.execPath, [codesage, ...serveArgs(workspace), '--stdio'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.stdin.write(
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"0"}}}\n',
    );
    await eventually(async () => out.includes('"id":1'), 'an answer on stdout');
    child.stdin.end();
    expect(await exited).toBe(0);
    for (const line of out.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
  });
});

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function connect(port: number): Promise<Socket> {
  const socket = connectSocket(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', resolve);
  });
  return socket;
}
