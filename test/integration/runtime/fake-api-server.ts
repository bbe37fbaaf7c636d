/** Decides nothing: an HTTP server that speaks list and watch for ConfigMaps and misbehaves at the wire when told to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Live } from '../../../operator/src/runtime/resource.ts';

type Change = { version: number; type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Live };
type Watch = { response: ServerResponse; namespace: string | undefined; isFrozen: boolean };
/** Answers a request in the place of the real handler. */
export type Fault = (response: ServerResponse, request: IncomingMessage) => void;

/** Answers with a Status, as the API server does. */
export function refuse(code: number, headers: Record<string, string> = {}): Fault {
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ kind: 'Status', code, message: `refused with ${code}` }));
  };
}

/** Cuts the connection with a TCP reset. */
export const reset: Fault = (_response, request) => request.socket.resetAndDestroy();

export class FakeApiServer {
  readonly #server: Server;
  readonly #objects = new Map<string, Live>();
  readonly #history: Change[] = [];
  readonly #watches = new Set<Watch>();
  #version = 100;
  #oldest = 0;
  #nextUid = 1;
  /** Faults for the next lists and watches, one each; then they work again. */
  readonly listFaults: Fault[] = [];
  readonly watchFaults: Fault[] = [];
  /** Every request: `LIST` or `WATCH`, its query and its Accept. */
  readonly requests: { verb: 'LIST' | 'WATCH'; path: string; query: URLSearchParams; accept: string }[] = [];

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async start(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  count(verb: 'LIST' | 'WATCH'): number {
    return this.requests.filter((request) => request.verb === verb).length;
  }

  /** What a client should hold: name to UID and version. */
  truth(): Record<string, string> {
    return Object.fromEntries(
      [...this.#objects.values()].map(({ metadata }) => [metadata.name, `${metadata.uid}@${metadata.resourceVersion}`]),
    );
  }

  put(name: string, namespace = 'ns'): void {
    const held = this.#objects.get(`${namespace}/${name}`);
    this.#version++;
    const uid = held?.metadata.uid ?? `uid-${this.#nextUid++}`;
    const object: Live = { metadata: { namespace, name, uid, resourceVersion: String(this.#version) } };
    this.#objects.set(`${namespace}/${name}`, object);
    this.#publish({ version: this.#version, type: held === undefined ? 'ADDED' : 'MODIFIED', object });
  }

  delete(name: string, namespace = 'ns'): void {
    const held = this.#objects.get(`${namespace}/${name}`);
    if (held === undefined) return;
    this.#version++;
    this.#objects.delete(`${namespace}/${name}`);
    const object = { ...held, metadata: { ...held.metadata, resourceVersion: String(this.#version) } };
    this.#publish({ version: this.#version, type: 'DELETED', object });
  }

  bookmark(): void {
    this.sendLine({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.#version) } } });
  }

  /** Forgets all that happened so far: a watch from before answers 410. */
  compact(): void {
    this.#oldest = this.#version;
    this.#history.length = 0;
  }

  /** Starts again with low versions, as an etcd that was restored from a backup does. */
  turnBack(): void {
    this.#version = 1;
    this.#oldest = 0;
    this.#history.length = 0;
    for (const [key, object] of this.#objects) {
      this.#version++;
      this.#objects.set(key, { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } });
    }
  }

  /** Sends a line, JSON or raw text, to all open watches. */
  sendLine(line: unknown): void {
    for (const { response } of this.#watches)
      response.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);
  }

  endWatches(): void {
    for (const { response } of this.#watches) response.end();
    this.#watches.clear();
  }

  resetWatches(): void {
    for (const { response } of this.#watches) response.socket?.resetAndDestroy();
    this.#watches.clear();
  }

  /** Open watches stay open and never bring anything again: the peer of a connection that is half open. */
  freezeWatches(): void {
    for (const watch of this.#watches) watch.isFrozen = true;
  }

  #publish(change: Change): void {
    this.#history.push(change);
    for (const watch of this.#watches) this.#send(watch, change);
  }

  #send(watch: Watch, { type, object }: Change): void {
    if (watch.isFrozen || (watch.namespace !== undefined && watch.namespace !== object.metadata.namespace)) return;
    watch.response.write(`${JSON.stringify({ type, object })}\n`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake');
    const verb = searchParams.get('watch') === 'true' ? 'WATCH' : 'LIST';
    this.requests.push({ verb, path: pathname, query: searchParams, accept: request.headers.accept ?? '' });
    const fault = (verb === 'WATCH' ? this.watchFaults : this.listFaults).shift();
    if (fault !== undefined) {
      fault(response, request);
      return;
    }
    const namespace = /\/namespaces\/([^/]+)\//.exec(pathname)?.[1];
    if (verb === 'WATCH') this.#watch(response, searchParams, namespace);
    else this.#list(response, searchParams, namespace);
  }

  #list(response: ServerResponse, query: URLSearchParams, namespace: string | undefined): void {
    const all = [...this.#objects.values()].filter(
      (object) => namespace === undefined || object.metadata.namespace === namespace,
    );
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? all.length);
    const rest = from + limit < all.length ? String(from + limit) : undefined;
    response.writeHead(200, { 'content-type': 'application/json' });
    const metadata = { resourceVersion: String(this.#version), continue: rest };
    response.end(JSON.stringify({ metadata, items: all.slice(from, from + limit) }));
  }

  #watch(response: ServerResponse, query: URLSearchParams, namespace: string | undefined): void {
    const from = Number(query.get('resourceVersion'));
    if (from < this.#oldest || from > this.#version) {
      refuse(from < this.#oldest ? 410 : 504)(response, response.req);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watch: Watch = { response, namespace, isFrozen: false };
    this.#watches.add(watch);
    response.once('close', () => this.#watches.delete(watch));
    for (const change of this.#history) if (change.version > from) this.#send(watch, change);
  }
}
