/** Decides how clients get to the server: Service, Ingress. */
import { z } from 'zod';
import { field, stringMap } from '../schema.ts';

const port = () => z.int().min(1).max(65535);
export const service = z.object({
  type: field(z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).default('ClusterIP'), 'How the Service is exposed.'),
  port: field(port().default(8000), 'Port of the Service.'),
  nodePort: field(
    port().optional(),
    'Port on every node, for type NodePort or LoadBalancer. Default: one that is free.',
  ),
  annotations: field(stringMap().optional(), 'Annotations of the Service.'),
});

export const ingress = z.object({
  className: field(z.string().min(1).max(253).optional(), "IngressClass. Default: the cluster's default class."),
  host: field(z.string().min(1).max(253).optional(), 'Host name. Default: every host.', {
    rules: [
      {
        rule: "self.matches('^(\\\\*\\\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
        message: 'must be a host name without scheme, port and path: write for example codesage.example.com',
      },
    ],
  }),
  path: field(
    z.string().min(1).max(255).default('/'),
    'Path prefix under which the server answers, so that several share one host. MCP is at <path>/mcp.',
    {
      rules: [
        {
          rule: "self == '/' || self.matches('^(/[A-Za-z0-9._~-]+)+$')",
          message: 'must be / or a path such as /my-project, without a slash at its end',
        },
      ],
    },
  ),
  tls: field(
    z
      .object({
        secretName: field(
          z.string().min(1).max(253).optional(),
          "Secret of type kubernetes.io/tls. Default: the ingress controller's own certificate.",
        ),
      })
      .optional(),
    'Serve over TLS.',
  ),
  annotations: field(stringMap().optional(), 'Annotations of the Ingress, for example for cert-manager.'),
});
