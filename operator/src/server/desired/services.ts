/** Decides the two Services: one for MCP clients, named as the resource, and one for the operator and Prometheus. */
import { ports } from '@codesage/server/contract';
import type { Manifest } from '../../runtime/resource.ts';
import type { Service } from '../../runtime/resources.ts';
import { childNames } from '../names.ts';
import type { DesiredInput } from './input.ts';
import { childMetadata, podSelector } from './metadata.ts';

/** The Service for MCP clients. */
export function buildService({ server }: DesiredInput): Manifest<Service> {
  const { type, port, nodePort, annotations } = server.spec.service;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMetadata(server, {
      name: childNames(server.metadata.name).service,
      component: 'server',
      annotations,
    }),
    spec: {
      type,
      selector: podSelector(server),
      ports: [
        {
          name: 'http',
          port,
          targetPort: 'http',
          protocol: 'TCP',
          appProtocol: 'http',
          ...(nodePort !== undefined && { nodePort }),
        },
      ],
    },
  };
}

/** The Service for the internal port. It also leads to pods that are not ready, for it is asked why they are not. */
export function buildInternalService({ server }: DesiredInput): Manifest<Service> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMetadata(server, {
      name: childNames(server.metadata.name).internalService,
      component: 'server',
    }),
    spec: {
      type: 'ClusterIP',
      publishNotReadyAddresses: true,
      selector: podSelector(server),
      ports: [{ name: 'internal', port: ports.internal, targetPort: 'internal', protocol: 'TCP', appProtocol: 'http' }],
    },
  };
}
