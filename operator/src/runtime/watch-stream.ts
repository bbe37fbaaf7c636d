/** Decides what the lines of a watch mean: changes, bookmarks, and the failures that the server reports in-stream. */
import type { Readable } from 'node:stream';
import { ApiError, errorOfStatus, type StatusBody } from './api-error.ts';
import type { WatchEvent } from './client.ts';
import type { KubernetesObject, Live } from './resource.ts';

/** The lines of a stream of UTF-8. What follows the last line end is dropped: it is half a line of a broken stream. */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const text = rest + decoder.decode(chunk as Uint8Array, { stream: true });
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

const changes: readonly string[] = ['ADDED', 'MODIFIED', 'DELETED'];

/**
 * The event that a line holds, or undefined for an empty line.
 *
 * @throws ApiError with the code of an ERROR event, or Malformed when the line is none of these. Going on after a
 * malformed line could lose an event for ever, so the reader should watch anew from the last version it understood.
 */
export function parseWatchLine<T extends KubernetesObject>(what: string, line: string): WatchEvent<T> | undefined {
  if (line.trim() === '') return undefined;
  const event = parse(what, line);
  const { type, object } = event;
  if (type === 'ERROR') {
    const body = (object ?? {}) as StatusBody;
    throw errorOfStatus(`${what} (in-stream)`, body.code ?? 500, body);
  }
  const metadata = (object as KubernetesObject | undefined)?.metadata;
  if (typeof metadata?.resourceVersion !== 'string') throw malformed(what, line);
  if (type === 'BOOKMARK') return { type: 'BOOKMARK', resourceVersion: metadata.resourceVersion };
  if (!isChange(type) || typeof metadata.name !== 'string' || typeof metadata.uid !== 'string')
    throw malformed(what, line);
  return { type, object: object as Live<T> };
}

function isChange(type: unknown): type is 'ADDED' | 'MODIFIED' | 'DELETED' {
  return typeof type === 'string' && changes.includes(type);
}

function parse(what: string, line: string): { type?: unknown; object?: unknown } {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === 'object' && event !== null) return event;
  } catch (cause) {
    throw malformed(what, line, cause);
  }
  throw malformed(what, line);
}

/** The line itself stays out of the message: it may hold a Secret. */
function malformed(what: string, line: string, cause?: unknown): ApiError {
  return new ApiError('Malformed', `${what} sent a line of ${line.length} characters that is no watch event`, {
    cause,
  });
}
