/** Decides the last screen of `hack/up`: what runs, where, how to look around, how to take it down. */
import { join } from 'node:path';
import { stateOf } from '../cache.ts';
import type { Cluster } from '../cluster.ts';
import type { Kubectl } from '../kubectl.ts';
import { endpointOf, type Found } from './search.ts';
import { authorityFile, serverHost, serverName, serverNamespace } from './server.ts';

/** The first lines of a text, so that a screen holds it. */
export function firstLines(text: string, count: number): string {
  const lines = text.trim().split('\n');
  return [...lines.slice(0, count), ...(lines.length > count ? [`… (${lines.length - count} more lines)`] : [])]
    .map((line) => `    ${line.slice(0, 140)}`)
    .join('\n');
}

/** The whole screen, from what the cluster says now. */
export async function renderSummary(cluster: Cluster, kubectl: Kubectl, query: string, found: Found): Promise<string> {
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

Search "${query}" by an MCP client (${found.tools} tools):
${firstLines(found.text, 14)}

MCP endpoint   ${endpoint}
Try it         ${curl} ${endpoint.replace(/mcp$/, '')}
Look around    . ${environment} && $KUBECTL -n ${serverNamespace} get all
Take it down   hack/down
`;
}
