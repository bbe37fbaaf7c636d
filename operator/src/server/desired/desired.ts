/** Decides the full set of children of a CodeSageServer, in the order in which they are applied. Pure. */
import type { Manifest } from '../../runtime/resource.ts';
import type {
  ConfigMap,
  Deployment,
  Ingress,
  PersistentVolumeClaim,
  Secret,
  Service,
} from '../../runtime/resources.ts';
import { buildClaim } from './claim.ts';
import { buildConfigMap } from './config.ts';
import { buildDeployment } from './deployment.ts';
import { buildIngress } from './ingress.ts';
import type { DesiredInput } from './input.ts';
import { buildInternalService, buildService } from './services.ts';
import { buildTokenSecret } from './token-secret.ts';

/** One child each; what is undefined is not wanted. */
export type DesiredChildren = {
  claim: Manifest<PersistentVolumeClaim> | undefined;
  token: Manifest<Secret>;
  configMap: Manifest<ConfigMap>;
  service: Manifest<Service>;
  internalService: Manifest<Service>;
  deployment: Manifest<Deployment>;
  ingress: Manifest<Ingress> | undefined;
};
/** The role of a child. */
export type ChildRole = keyof DesiredChildren;

/** Storage first, so that a growing volume never waits for anything; the Deployment after all that its pods mount. */
export function buildDesired(input: DesiredInput): DesiredChildren {
  return {
    claim: buildClaim(input),
    token: buildTokenSecret(input),
    configMap: buildConfigMap(input),
    service: buildService(input),
    internalService: buildInternalService(input),
    deployment: buildDeployment(input),
    ingress: buildIngress(input),
  };
}
