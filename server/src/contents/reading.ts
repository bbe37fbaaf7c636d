/** Decides what a caller may read of the codebases, as texts with an address, and how a refusal is told in the protocol. */
import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type TextResourceContents,
} from '@modelcontextprotocol/server';
import type { FileFacts } from '../analysis/port.ts';
import type { CodebaseStatus } from '../contract.ts';
import type { Engine } from '../engine.ts';
import { CodeSageError, messageOf, withoutPaths } from '../errors.ts';
import { renderOverview } from './overview.ts';
import { parseUri, uriOf } from './uri.ts';

/** Languages whose texts clients can show better than plain text. */
const mimeTypes: Readonly<Record<string, string>> = {
  markdown: 'text/markdown',
  json: 'application/json',
  html: 'text/html',
  css: 'text/css',
  javascript: 'text/javascript',
  xml: 'application/xml',
};

/**
 * Reads what an address names.
 * @throws ResourceNotFoundError where there is nothing for this caller; ProtocolError for all else.
 */
export async function readUri(uri: string, engine: Engine, signal: AbortSignal): Promise<TextResourceContents> {
  const named = parseUri(uri);
  if (named === undefined) throw new ResourceNotFoundError(uri);
  const { codebase, path } = named;
  try {
    if (path === undefined) return await readOverview(codebase, engine, signal);
    const { text, language } = await engine.readFile(path, codebase);
    return { uri, mimeType: mimeTypes[language] ?? 'text/plain', text };
  } catch (error) {
    throw toProtocolError(error, uri);
  }
}

/** The overview of one codebase. @throws CodeSageError */
export async function readOverview(
  codebase: string,
  engine: Engine,
  signal: AbortSignal,
): Promise<TextResourceContents> {
  const status = (await knownCodebases(engine, signal)).find(({ name }) => name === codebase);
  if (status === undefined)
    throw new CodeSageError('UnknownCodebase', `There is no codebase "${codebase}".`, 'Call list_codebases.');
  const text = renderOverview(status, await filesIfIndexed(codebase, engine, signal));
  return { uri: uriOf({ codebase }), mimeType: 'text/markdown', text };
}

/** All codebases that this engine shows, by name. */
export async function knownCodebases(engine: Engine, signal: AbortSignal): Promise<CodebaseStatus[]> {
  await engine.opened?.(signal);
  const { codebases } = await engine.status();
  return codebases.toSorted((x, y) => (x.name < y.name ? -1 : 1));
}

/** The files of a codebase; undefined while it was never indexed. */
export async function filesIfIndexed(
  codebase: string,
  engine: Engine,
  signal: AbortSignal,
): Promise<FileFacts[] | undefined> {
  try {
    return (await engine.analysis.files({ codebase, pathGlobs: [], languages: [] }, signal)).files;
  } catch (error) {
    if (error instanceof CodeSageError && error.code === 'NotIndexedYet') return undefined;
    throw error;
  }
}

/** A failure as JSON-RPC tells it: what is not there, what must not be asked for, what does not work now. */
export function toProtocolError(error: unknown, uri: string): Error {
  if (!(error instanceof CodeSageError))
    return new ProtocolError(ProtocolErrorCode.InternalError, `The server failed: ${withoutPaths(messageOf(error))}.`);
  if (error.code === 'UnknownCodebase' || error.code === 'FileNotFound') return new ResourceNotFoundError(uri);
  const isArgument = error.code === 'PathNotAllowed' || error.code === 'InvalidArgument';
  const code = isArgument ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, `${error.code}: ${error.message} ${error.remedy}`);
}
