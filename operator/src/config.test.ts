import { describe, expect, test } from 'vitest';
import { type Config, parseConfig } from './config.ts';

const configOf = (args: string[], environment: Record<string, string> = {}): Config => {
  const parsed = parseConfig(args, environment);
  if ('exit' in parsed) throw new Error(parsed.output);
  return parsed.config;
};

describe('the configuration of the operator', () => {
  test('needs nothing: all namespaces, no lease, the usual ports', () => {
    expect(configOf([])).toMatchObject({
      watchNamespaces: [],
      leaderElect: false,
      metricsBindAddress: { port: 8080 },
      healthProbeBindAddress: { port: 8081 },
      logLevel: 'info',
      inCluster: false,
    });
  });

  test('[operator.namespaces] takes a list of namespaces, each once', () => {
    expect(configOf(['--watch-namespaces', 'b, a,,b']).watchNamespaces).toEqual(['b', 'a']);
  });

  test('a flag wins over an environment variable, which wins over the default', () => {
    const environment = { LOG_LEVEL: 'warn', LEADER_ELECT: 'true', POD_NAMESPACE: 'ops', WORKERS: '9' };
    expect(configOf(['--log-level', 'debug'], environment)).toMatchObject({
      logLevel: 'debug',
      leaderElect: true,
      leaderElectionNamespace: 'ops',
      workers: 9,
    });
    expect(configOf(['--no-leader-elect'], environment).leaderElect).toBe(false);
  });

  test('an empty environment variable counts as not set', () => {
    expect(configOf([], { LOG_LEVEL: '', WATCH_NAMESPACES: '' })).toMatchObject({
      logLevel: 'info',
      watchNamespaces: [],
    });
  });

  test('0 switches a port off', () => {
    expect(configOf(['--metrics-bind-address', '0']).metricsBindAddress).toBeUndefined();
  });

  test('a pod without a kubeconfig is in its cluster', () => {
    const pod = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };
    expect(configOf([], pod).inCluster).toBe(true);
    expect(configOf(['--kubeconfig', 'file'], pod).inCluster).toBe(false);
    expect(configOf([], { ...pod, KUBECONFIG: 'file' }).inCluster).toBe(false);
  });

  test.each([
    [['--help'], 0, /--watch-namespaces/],
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    [['--nope'], 2, /unknown option '--nope'/],
    [['surplus'], 2, /too many arguments/],
    [['--workers', '0'], 2, /--workers \(or WORKERS\): /],
    [['--log-level', 'loud'], 2, /--log-level \(or LOG_LEVEL\): /],
    [['--metrics-bind-address', 'x'], 2, /"x" is no address: write ":8080"/],
    [['--watch-namespaces', 'A'], 2, /lower-case letters/],
  ] as const)('%j ends with %i and says what to do', (args, exit, output) => {
    const parsed = parseConfig(args, {});
    expect(parsed).toMatchObject({ exit, output: expect.stringMatching(output) });
  });
});
