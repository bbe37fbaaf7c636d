/** Decides how the operator is set up: flags win over environment variables, which win over defaults. */
import { hostname } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import { z } from 'zod';
import { parseBindAddress } from './runtime/health.ts';
import { logLevels } from './runtime/logger.ts';
import { version } from './version.ts';

/** What the process ends with. */
export const exitCodes = { done: 0, failed: 1, usage: 2, leadershipLost: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const dnsLabel = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'write names of lower-case letters, digits and dashes');
const bindAddress = z.string().transform((text, context) => {
  try {
    return parseBindAddress(text);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
});
/** Flags are booleans already; environment variables are text. */
const yesOrNo = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], {
  error: 'write true or false',
});

const configSchema = z.strictObject({
  kubeconfig: z.string().min(1).optional(),
  context: z.string().min(1).optional(),
  watchNamespaces: z
    .string()
    .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => name !== ''))
    .pipe(z.array(dnsLabel))
    .prefault(''),
  serverImage: z.string().min(1).default(`localhost/codesage-server:${version}`),
  serviceAccess: z.enum(['auto', 'dns', 'proxy']).default('auto'),
  leaderElect: yesOrNo.default(false),
  leaderElectionNamespace: dnsLabel.default('default'),
  leaderElectionId: dnsLabel.default('codesage-operator'),
  identity: z.string().min(1).default(hostname()),
  metricsBindAddress: bindAddress.prefault(':8080'),
  healthProbeBindAddress: bindAddress.prefault(':8081'),
  logLevel: z.enum(logLevels).default('info'),
  workers: z.coerce.number().int().min(1).max(64).default(4),
});

type Settings = z.output<typeof configSchema>;

/** The parsed configuration: all defaults filled in. */
export type Config = Settings & {
  /** Whether this process runs in a pod and looks after the cluster that it runs in. */
  inCluster: boolean;
};

type Setting = { key: keyof Settings; flag: string; variable?: string; description: string };

const settings: readonly Setting[] = [
  {
    key: 'kubeconfig',
    flag: '--kubeconfig <file>',
    description: 'kubeconfig file; default: KUBECONFIG, the usual file, then the service account of the pod',
  },
  { key: 'context', flag: '--context <name>', variable: 'KUBE_CONTEXT', description: 'context of the kubeconfig' },
  {
    key: 'watchNamespaces',
    flag: '--watch-namespaces <names>',
    variable: 'WATCH_NAMESPACES',
    description: 'comma-separated namespaces to look after; default: all',
  },
  {
    key: 'serverImage',
    flag: '--server-image <image>',
    variable: 'CODESAGE_SERVER_IMAGE',
    description: 'image of a CodeSageServer that names none',
  },
  {
    key: 'serviceAccess',
    flag: '--service-access <way>',
    variable: 'SERVICE_ACCESS',
    description: 'how Services are reached: dns, proxy (through the API server), or auto (dns in a pod, else proxy)',
  },
  {
    key: 'leaderElect',
    flag: '--leader-elect',
    variable: 'LEADER_ELECT',
    description: 'act only while holding the Lease; needed with more than one replica',
  },
  {
    key: 'leaderElectionNamespace',
    flag: '--leader-election-namespace <name>',
    variable: 'POD_NAMESPACE',
    description: 'namespace of the Lease',
  },
  {
    key: 'leaderElectionId',
    flag: '--leader-election-id <name>',
    variable: 'LEADER_ELECTION_ID',
    description: 'name of the Lease',
  },
  {
    key: 'identity',
    flag: '--identity <name>',
    variable: 'POD_NAME',
    description: 'name of this replica in the Lease and in events; default: the host name',
  },
  {
    key: 'metricsBindAddress',
    flag: '--metrics-bind-address <address>',
    variable: 'METRICS_BIND_ADDRESS',
    description: 'where /metrics is served; 0: nowhere (default ":8080")',
  },
  {
    key: 'healthProbeBindAddress',
    flag: '--health-probe-bind-address <address>',
    variable: 'HEALTH_PROBE_BIND_ADDRESS',
    description: 'where /healthz and /readyz are served; 0: nowhere (default ":8081")',
  },
  {
    key: 'logLevel',
    flag: '--log-level <level>',
    variable: 'LOG_LEVEL',
    description: `${logLevels.join(', ')} (default "info")`,
  },
  {
    key: 'workers',
    flag: '--workers <count>',
    variable: 'WORKERS',
    description: 'resources reconciled at the same time (default 4)',
  },
];

/** What the command line came to: a configuration, or a text to print and an exit code. */
export type ParsedConfig = { config: Config } | { exit: ExitCode; output: string };

/** Parses the arguments after the program's name. Never throws, prints or exits. */
export function parseConfig(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ParsedConfig {
  let output = '';
  const command = buildCommand((text) => {
    output += text;
  });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { exit: error.exitCode === 0 ? exitCodes.done : exitCodes.usage, output };
  }
  const flags = command.opts<Record<string, unknown>>();
  const given = settings.map(
    ({ key, variable }) => [key, flags[key] ?? (environment[variable ?? ''] || undefined)] as const,
  );
  const parsed = configSchema.safeParse(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  if (parsed.success) {
    const hasKubeConfig = (parsed.data.kubeconfig ?? environment.KUBECONFIG) !== undefined;
    return {
      config: { ...parsed.data, inCluster: !hasKubeConfig && environment.KUBERNETES_SERVICE_HOST !== undefined },
    };
  }
  const faults = parsed.error.issues.map(({ path, message }) => `error: ${nameOf(String(path[0]))}: ${message}\n`);
  return { exit: exitCodes.usage, output: `${faults.join('')}See --help.\n` };
}

function buildCommand(write: (text: string) => void): Command {
  const command = new Command('codesage-operator')
    .description('Runs CodeSage servers on Kubernetes: keeps what CodeSageServer resources ask for.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write })
    .showHelpAfterError('See --help.');
  for (const { flag, variable, description } of settings) {
    command.addOption(new Option(flag, variable === undefined ? description : `${description} [${variable}]`));
  }
  return command.option('--no-leader-elect', 'act without a Lease, as the only replica (default)');
}

function nameOf(key: string): string {
  const setting = settings.find((candidate) => candidate.key === key);
  if (setting === undefined) return key;
  const [flag] = setting.flag.split(' ');
  return setting.variable === undefined ? `${flag}` : `${flag} (or ${setting.variable})`;
}
