/** Decides ExposureReady: whether the Service, and the Ingress if one is asked for, lead to this server and to no other. */
import { type Verdict, verdict } from '../../api/conditions.ts';
import type { Observed } from '../observed.ts';
import { describeOwner } from '../ownership.ts';
import { firstOf, type Judgement } from './first.ts';

type Exposure = Judgement<'ExposureReady'>;

const takenName = (kind: string, name: string, owner: string) =>
  `${kind} ${name} exists and ${owner}; it was left alone. Delete or rename it, or give the CodeSageServer another name.`;

const serviceTaken: Exposure = ({ outcomes: { service, internalService } }) => {
  for (const outcome of [service, internalService]) {
    if (outcome.state === 'foreign')
      return verdict(
        'ExposureReady',
        'False',
        'ServiceOwnedByAnother',
        takenName(outcome.kind, outcome.name, outcome.owner),
      );
  }
  return undefined;
};

const serviceRefused: Exposure = ({ outcomes: { service, internalService }, server }) => {
  const { nodePort } = server.spec.service;
  if (service.state === 'refused' && service.code === 'Invalid' && nodePort !== undefined) {
    return verdict(
      'ExposureReady',
      'False',
      'NodePortTaken',
      `Node port ${nodePort} cannot be used: ${service.message}. Write another in spec.service.nodePort, or leave it out to get a free one.`,
    );
  }
  for (const outcome of [service, internalService]) {
    if (outcome.state === 'refused')
      return verdict(
        'ExposureReady',
        'False',
        'ChildRefused',
        `The API server refused Service ${outcome.name}: ${outcome.message}. Correct spec.service.`,
      );
  }
  return undefined;
};

const ingressTaken: Exposure = ({ outcomes: { ingress } }) =>
  ingress.state === 'foreign'
    ? verdict('ExposureReady', 'False', 'IngressOwnedByAnother', takenName(ingress.kind, ingress.name, ingress.owner))
    : undefined;

const ingressConflict: Exposure = ({ conflictingIngress, server }) => {
  if (conflictingIngress === undefined || server.spec.ingress === undefined) return undefined;
  const { name, namespace } = conflictingIngress.metadata ?? {};
  const place = `${server.spec.ingress.host ?? 'every host'}${server.spec.ingress.path}`;
  return verdict(
    'ExposureReady',
    'False',
    'IngressConflict',
    `Ingress ${namespace}/${name}, which ${describeOwner(conflictingIngress)}, already serves ${place}. Write another spec.ingress.path, for example /${server.metadata.name}, or another host.`,
  );
};

const ingressRefused: Exposure = ({ outcomes: { ingress } }) =>
  ingress.state === 'refused'
    ? verdict(
        'ExposureReady',
        'False',
        'ChildRefused',
        `The API server refused Ingress ${ingress.name}: ${ingress.message}. Correct spec.ingress.`,
      )
    : undefined;

const tlsMissing: Exposure = ({ tlsSecretExists, server }) =>
  tlsSecretExists === false
    ? verdict(
        'ExposureReady',
        'False',
        'TLSSecretNotFound',
        `Secret ${server.spec.ingress?.tls?.secretName} (spec.ingress.tls) does not exist: create it with tls.crt and tls.key, or let cert-manager make it by an annotation in spec.ingress.annotations.`,
      )
    : undefined;

const loadBalancer: Exposure = ({ service, server }) => {
  if (server.spec.service.type !== 'LoadBalancer' || server.spec.ingress !== undefined) return undefined;
  const [address] = service?.status?.loadBalancer?.ingress ?? [];
  return address === undefined
    ? verdict(
        'ExposureReady',
        'False',
        'LoadBalancerPending',
        'The Service has no external address yet. If this lasts, the cluster may have no load balancer: use spec.service.type NodePort or spec.ingress.',
      )
    : verdict(
        'ExposureReady',
        'True',
        'LoadBalancerReady',
        `The Service has the external address ${address.hostname ?? address.ip}.`,
      );
};

const ingressReady: Exposure = ({ ingress, server }) => {
  if (server.spec.ingress === undefined) return undefined;
  const [address] = ingress?.status?.loadBalancer?.ingress ?? [];
  return address === undefined
    ? verdict(
        'ExposureReady',
        'True',
        'IngressAwaitsAddress',
        'The Ingress is there. Its controller has told no address; some never do. If it does not answer, check spec.ingress.className.',
      )
    : verdict(
        'ExposureReady',
        'True',
        'IngressReady',
        `The Ingress has the address ${address.hostname ?? address.ip}.`,
      );
};

const nodePort: Exposure = ({ service }) => {
  const port = service?.spec?.type === 'NodePort' ? service.spec.ports?.[0]?.nodePort : undefined;
  return port === undefined
    ? undefined
    : verdict('ExposureReady', 'True', 'NodePortReady', `The Service is reachable on port ${port} of every node.`);
};

const judgeWays = firstOf<'ExposureReady'>(
  [
    serviceTaken,
    serviceRefused,
    ingressTaken,
    ingressConflict,
    ingressRefused,
    tlsMissing,
    loadBalancer,
    ingressReady,
    nodePort,
  ],
  ({ service }) =>
    verdict(
      'ExposureReady',
      'True',
      'ClusterInternal',
      `Service ${service?.metadata?.name ?? ''} is reachable inside the cluster.`,
    ),
);

/** Judges ExposureReady. A server that is open to everybody is told to be so, since nobody may have meant it. */
export function judgeExposure(observed: Observed): Verdict<'ExposureReady'> {
  const judged = judgeWays(observed);
  const { auth, ingress, service } = observed.server.spec;
  const isExposed = ingress !== undefined || service.type !== 'ClusterIP';
  if (judged.status !== 'True' || auth.mode !== 'None' || !isExposed) return judged;
  return verdict(
    'ExposureReady',
    'True',
    'ExposedWithoutAuthentication',
    `${judged.message} Everybody who reaches it may search, as spec.auth.mode is None: set it to Token or OIDC.`,
  );
}
