/** Decides how this machine reaches a host name behind the ingress: over TLS, trusting one authority, resolved to the ingress's own address. */
import { Agent, fetch as undiciFetch } from 'undici';

export type IngressTarget = {
  /** Address and port where the ingress controller listens for HTTPS. */
  host: string;
  httpsPort: number;
  /** PEM of the authority that signed the ingress's certificate. */
  ca: string;
};

/** A `fetch` whose every connection goes to the ingress, whatever host the URL names; the host still decides SNI, certificate check and route. */
export function ingressFetch(target: IngressTarget): typeof globalThis.fetch {
  const dispatcher = new Agent({
    connect: {
      ca: target.ca,
      lookup: (_hostname, options, callback) => {
        if (options.all === true) callback(null, [{ address: target.host, family: 4 }]);
        else callback(null, target.host, 4);
      },
    },
  });
  // Undici's own fetch and the global one share their shape but not their types.
  const fetchOverIngress = (input: string | URL, init?: RequestInit) =>
    undiciFetch(input, { ...(init as object), dispatcher });
  return fetchOverIngress as unknown as typeof globalThis.fetch;
}
