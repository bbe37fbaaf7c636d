/** Decides the Ingress in front of the Service: one host, one path prefix, so that many servers can share a host. */
import type { Manifest } from '../../runtime/resource.ts';
import type { Ingress } from '../../runtime/resources.ts';
import { childNames } from '../names.ts';
import type { DesiredInput } from './input.ts';
import { childMetadata } from './metadata.ts';

/** The Ingress, or undefined when none is asked for. Only the MCP port is behind it. */
export function buildIngress({ server }: DesiredInput): Manifest<Ingress> | undefined {
  const { ingress } = server.spec;
  if (ingress === undefined) return undefined;
  const names = childNames(server.metadata.name);
  const { className, host, path, tls, annotations } = ingress;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: childMetadata(server, { name: names.ingress, component: 'server', annotations }),
    spec: {
      ...(className !== undefined && { ingressClassName: className }),
      ...(tls && {
        tls: [
          {
            hosts: host === undefined ? [] : [host],
            ...(tls.secretName !== undefined && { secretName: tls.secretName }),
          },
        ],
      }),
      rules: [
        {
          ...(host !== undefined && { host }),
          http: {
            paths: [
              { path, pathType: 'Prefix', backend: { service: { name: names.service, port: { name: 'http' } } } },
            ],
          },
        },
      ],
    },
  };
}
