/** Decides which resources there are: an overview of each codebase, listed, and each file of it, by its address. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { CodebaseStatus } from '../contract.ts';
import type { Engine } from '../engine.ts';
import type { Asked, McpResources } from '../mcp/contents.ts';
import { knownCodebases, readUri } from './reading.ts';
import { uriOf, uriTemplate } from './uri.ts';

/** Codebases on one page of the list. */
const pageSize = 100;

/** Makes the resources over what of the engine a caller may see. */
export function createResources(engineOf: (asked: Asked) => Engine): McpResources {
  return {
    templates: [
      {
        uriTemplate,
        name: 'file',
        title: 'A file of a codebase',
        description:
          'The text of one indexed file, as of the published index. Secrets and ignored files are refused. Example: codesage://shop/src/payment/retry.ts',
      },
    ],
    list: async (cursor, asked) => {
      const after = cursor === undefined ? '' : nameInCursor(cursor);
      const codebases = await knownCodebases(engineOf(asked), asked.signal);
      const rest = codebases.filter(({ name }) => name > after);
      const page = rest.slice(0, pageSize);
      const last = page.at(-1);
      return {
        resources: page.map(describe),
        ...(rest.length > page.length && last !== undefined && { nextCursor: cursorAfter(last.name) }),
      };
    },
    read: async (uri, asked) => ({ contents: [await readUri(uri, engineOf(asked), asked.signal)] }),
  };
}

function describe({ name, state, files, indexedAt }: CodebaseStatus) {
  return {
    uri: uriOf({ codebase: name }),
    name,
    title: `Overview of ${name}`,
    description: `Languages, main directories, manifests, entry points and state of the codebase ${name} (${state}, ${files} files).`,
    mimeType: 'text/markdown',
    ...(indexedAt !== undefined && { annotations: { lastModified: indexedAt } }),
  };
}

/** A page begins behind a name, so codebases that come or go meanwhile shift nothing. */
function cursorAfter(name: string): string {
  return Buffer.from(`after:${name}`).toString('base64url');
}

function nameInCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (text.startsWith('after:')) return text.slice('after:'.length);
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    'This cursor is not one of this server. List from the start, without a cursor.',
  );
}
