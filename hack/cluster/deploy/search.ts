/** Decides what proves that it works: an MCP client from outside, through the ingress over TLS, finds code. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Cluster } from '../cluster.ts';
import { ingressFetch } from './ingress-fetch.ts';
import { connect } from './mcp-session.ts';
import { authorityFile, serverHost } from './server.ts';

const answerSchema = z.looseObject({
  results: z.array(
    z.looseObject({
      file_path: z.string(),
      start_line: z.number(),
      end_line: z.number(),
      score: z.number(),
      text: z.string(),
    }),
  ),
  took_ms: z.number(),
});

/** What a search showed. */
export type Found = { tools: number; results: z.infer<typeof answerSchema>['results']; tookMs: number };

/** The MCP endpoint as this machine reaches it. */
export function endpointOf(cluster: Cluster): string {
  const { httpsPort } = cluster.ingress;
  return `https://${serverHost}${httpsPort === 443 ? '' : `:${httpsPort}`}/mcp`;
}

/** Connects, lists the tools and searches. @throws Error when the search finds nothing. */
export async function searchThroughIngress(cluster: Cluster, query: string): Promise<Found> {
  const ca = await readFile(authorityFile(cluster), 'utf8');
  const fetch = ingressFetch({ host: cluster.ingress.host, httpsPort: cluster.ingress.httpsPort, ca });
  const session = await connect('sdk v2, 2026 era', endpointOf(cluster), fetch);
  try {
    const tools = await session.listTools();
    const answer = await session.call('semantic_search_codebase', { query });
    if (answer.isError) throw new Error(`The search failed: ${answer.text}`);
    const { results, took_ms: tookMs } = answerSchema.parse(answer.structured);
    if (results.length === 0) throw new Error(`The search for "${query}" found nothing`);
    return { tools: tools.length, results, tookMs };
  } finally {
    await session.close();
  }
}
