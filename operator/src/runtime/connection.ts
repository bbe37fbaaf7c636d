/** Decides with which address, credentials and certificates the API server is reached. */
import type { RequestOptions as HttpsOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { Clock } from './clock.ts';

/** How to send a request now. Credentials may change between two calls. */
export type Credentials = { headers: Record<string, string>; dispatcher: Dispatcher };

export type Connection = {
  /** Scheme, host, port and base path of the API server, without a slash at the end. */
  readonly server: string;
  credentials(): Promise<Credentials>;
  close(): Promise<void>;
};

/** The kubeconfig file and context to use; without a file, KUBECONFIG, then the default file, then the service account. */
export type KubeConfigOptions = { kubeconfig?: string | undefined; context?: string | undefined };

/** @throws Error when the file cannot be read, or has no such context. */
export function loadKubeConfig({ kubeconfig, context }: KubeConfigOptions): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) {
    if (config.getContextObject(context) === null)
      throw new Error(`the kubeconfig has no context "${context}": see kubectl config get-contexts`);
    config.setCurrentContext(context);
  }
  return config;
}

/** Tokens of service accounts turn over within the hour and certificates within days, so a minute is fresh enough. */
const refreshAfterMs = 60_000;

/**
 * A connection as a kubeconfig describes it. One pool of sockets is kept for as long as the certificates stay the same
 * (client-node makes a new pool for each request); a changed token or certificate is picked up within a minute.
 *
 * @throws Error when the kubeconfig names no cluster.
 */
export function createConnection(config: KubeConfig, clock: Clock): Connection {
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new Error('the kubeconfig names no current cluster: set current-context, or pass --context');
  let current: (Credentials & { readAt: number; identity: string }) | undefined;

  return {
    server: cluster.server.replace(/\/+$/, ''),
    async credentials() {
      if (current !== undefined && clock.elapsed() - current.readAt < refreshAfterMs) return current;
      const https: HttpsOptions & { auth?: string } = {};
      await config.applyToHTTPSOptions(https);
      const identity = JSON.stringify([https.ca, https.cert, https.key].map(String));
      const previous = current;
      const dispatcher =
        previous !== undefined && previous.identity === identity ? previous.dispatcher : dispatcherFor(config, https);
      current = { headers: headersOf(https), dispatcher, identity, readAt: clock.elapsed() };
      // Requests under way finish on the old pool; close() waits for them, we do not.
      if (previous !== undefined && previous.dispatcher !== dispatcher) void previous.dispatcher.close();
      return current;
    },
    async close() {
      await current?.dispatcher.destroy();
    },
  };
}

function headersOf(https: HttpsOptions & { auth?: string }): Record<string, string> {
  const headers: Record<string, string> = {};
  if (https.auth !== undefined) headers.Authorization = `Basic ${Buffer.from(https.auth).toString('base64')}`;
  for (const [name, value] of Object.entries(https.headers ?? {})) headers[name] = String(value);
  return headers;
}

function dispatcherFor(config: KubeConfig, https: HttpsOptions): Dispatcher {
  const { ca, cert, key, rejectUnauthorized, servername } = https;
  const tls = { ca, cert, key, rejectUnauthorized, servername };
  const chosen = config.createDispatcherOptions(config.getCurrentCluster(), tls);
  // Time-outs are the caller's: a watch may be silent for minutes. Keep-alive finds dead peers below HTTP.
  const common = { headersTimeout: 0, bodyTimeout: 0 };
  switch (chosen.type) {
    case 'socks':
      throw new Error('the kubeconfig names a SOCKS proxy, which is not supported: use an HTTP proxy');
    case 'proxy':
      return new ProxyAgent({ ...common, uri: chosen.uri, requestTls: chosen.requestTls, connect: chosen.connect });
    case 'agent':
      return new Agent({ ...common, connect: { ...chosen.connect, timeout: 10_000 } });
    case 'none':
      return new Agent({ ...common, connect: { keepAlive: true, keepAliveInitialDelay: 30_000, timeout: 10_000 } });
  }
}
