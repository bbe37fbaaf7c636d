/** Decides the last screen of `hack/up`: what runs, where, how to look around, how to take it down. */
import { join } from 'node:path';
import { stateOf } from '../cache.ts';
import type { Cluster } from '../cluster.ts';
import type { Kubectl } from '../kubectl.ts';
import { endpointOf, type Found } from './search.ts';
import { authorityFile, serverHost, serverName, serverNamespace } from './server.ts';

/** The best results as lines: where, how good, and how the passage begins. */
export function renderResults(results: Found['results'], count = 3): string {
  return results
    .slice(0, count)
    .flatMap(({ file_path, start_line, end_line, score, text }) => [
      `  ${score.toFixed(2)}  ${file_path}:${start_line}-${end_line}`,
      ...text
        .trim()
        .split('\n')
        .slice(0, 3)
        .map((line) => `        ${line.slice(0, 120)}`),
    ])
    .join('\n');
}

/** The whole screen, from what the cluster says now. */
export async function renderSummary(
  cluster: Cluster,
  kubectl: Kubectl,
  found: Found,
  { query, context }: { query: string; context?: string },
): Promise<string> {
  const server = ['-n', serverNamespace, 'get', 'codesageservers'];
  const conditions = '{range .status.conditions[*]}{.type}={.status} {end}';
  const [state, table] = await Promise.all([
    kubectl([...server, serverName, '-o', `jsonpath=${conditions}`]),
    kubectl([...server, '-o', 'wide']),
  ]);
  const { host, httpsPort } = cluster.ingress;
  const endpoint = endpointOf(cluster);
  const environment = join(stateOf(cluster.name), 'env');
  const curl = `curl --cacert ${authorityFile(cluster)} --resolve ${serverHost}:${httpsPort}:${host}`;
  return `
$ kubectl -n ${serverNamespace} get codesageservers -o wide
${table.trimEnd()}
Conditions: ${state.trim()}

Search "${query}" by an MCP client (${found.tools} tools, ${Math.round(found.tookMs)} ms):
${renderResults(found.results)}

MCP endpoint   ${endpoint}
Try it         ${curl} ${endpoint.replace(/mcp$/, '')}
Look around    . ${environment} && $KUBECTL -n ${serverNamespace} get all
Take it down   hack/down${context === undefined ? '' : ` --context ${context}`}
`;
}
