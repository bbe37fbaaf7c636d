/** Decides who a request counts for: the name that authentication gave its caller, else the address it came from. */
import type { IncomingMessage } from 'node:http';
import proxyAddress from 'proxy-addr';

/** Says which proxies are believed when they name the address they forward for. */
export type TrustsProxy = ReturnType<typeof proxyAddress.compile>;

/**
 * Reads a list of addresses, subnets (`10.0.0.0/8`) and names of ranges (`loopback`, `linklocal`, `uniquelocal`).
 * @throws TypeError when one of them is none of these
 */
export function trustIn(proxies: readonly string[]): TrustsProxy {
  return proxyAddress.compile([...proxies]);
}

/**
 * Address of the client: of the connection, or where that is a trusted proxy the last address in X-Forwarded-For that is
 * none. What a client writes into that header itself stands further left, and counts for nothing.
 */
export function addressOf(incoming: IncomingMessage, trusts: TrustsProxy): string {
  const direct = plainAddress(incoming.socket.remoteAddress ?? '');
  if (incoming.headers['x-forwarded-for'] === undefined) return direct;
  // Whatever stands there that is no address is believed to be one by nobody; it must not become a key of any length.
  return plainAddress(proxyAddress(incoming, trusts)).slice(0, maxAddressLength);
}

/** Enough for every IPv6 address with a zone. */
const maxAddressLength = 64;

/** An IPv4 address as it is, although the socket speaks IPv6. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
