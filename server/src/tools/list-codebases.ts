/** Decides `list_codebases`: which codebases can be searched, and where each comes from. */
import { z } from 'zod';
import { type CodebaseStatus, codebaseStates, type SourceConfig } from '../contract.ts';
import { maskUrl } from '../observability/redaction.ts';
import { defineTool, readOnly } from './define.ts';

const entry = z.strictObject({
  name: z.string().describe('Write it as codebase_path.'),
  source: z.string().describe('Clone URL or directory.'),
  ref: z.string().optional().describe('Branch, tag or commit that is followed.'),
  state: z.enum(codebaseStates),
  files: z.number().int(),
  chunks: z.number().int(),
  revision: z.string().optional(),
  indexed_at: z.string().optional(),
});

export const listCodebases = defineTool({
  name: 'list_codebases',
  title: 'List codebases',
  description: [
    'List the codebases this server knows, with their names, sources and sizes.',
    'Call it once at the start: the names are what the other tools take as codebase_path.',
    'For progress and problems of indexing use get_index_status.',
    'Example: {}',
  ].join(' '),
  input: z.strictObject({}),
  output: z.strictObject({ codebases: z.array(entry) }),
  annotations: readOnly,
  handle: async (_args, { engine, settings, signal }) => {
    await engine.opened?.(signal);
    const { codebases } = await engine.status();
    const sources = new Map(settings.config.sources.map((source) => [source.name, source]));
    return { codebases: codebases.map((codebase) => describe(codebase, sources.get(codebase.name))) };
  },
});

function describe(codebase: CodebaseStatus, source: SourceConfig | undefined): z.input<typeof entry> {
  return {
    name: codebase.name,
    source: source?.git === undefined ? (source?.path ?? '') : maskUrl(source.git.url),
    ...(source?.git?.ref !== undefined && { ref: source.git.ref }),
    state: codebase.state,
    files: codebase.files,
    chunks: codebase.chunks,
    ...(codebase.revision !== undefined && { revision: codebase.revision }),
    ...(codebase.indexedAt !== undefined && { indexed_at: codebase.indexedAt }),
  };
}
