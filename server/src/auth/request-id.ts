/** Decides by which name a request is found again in the logs of whoever sent it: the proxy's, else the caller's own. */

const idForm = /^[\w.:-]{1,128}$/;
const maxLength = 128;

/** The X-Request-Id that proxies set, where it is one, else the id of the JSON-RPC message. */
export function requestIdOf(header: string | null | undefined, id: string | number): string {
  return typeof header === 'string' && idForm.test(header) ? header : String(id).slice(0, maxLength);
}
