/** Decides `list_files`: the indexed files of a codebase as a list, or as a tree of directories. */
import { z } from 'zod';
import type { FileFacts } from '../analysis/port.ts';
import {
  analysisScopeOf,
  behindLast,
  noFiles,
  pageFields,
  pageOf,
  pageOffset,
  provenanceFields,
} from './analysis-fields.ts';
import { codebasePath } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';
import { fileScope } from './file-scope.ts';
import { indented, linesAround, renderTree } from './file-tree.ts';

const file = z.strictObject({
  file_path: z.string().describe('Write it as file_path of read_code_file.'),
  language: z.string(),
  lines: z.number().int(),
  size_bytes: z.number().int(),
});

export const listFiles = defineTool({
  name: 'list_files',
  title: 'List files',
  description: [
    'List the indexed files of a codebase with language, lines and size, or show its directories as a tree.',
    'Use view "tree" first to get to know a codebase; use path_globs to look for files by name, and order_by to find the largest.',
    'Only indexed files are listed: ignored, binary, minified, generated and secret ones are not.',
    'Example: {"codebase_path": "shop", "view": "tree", "max_depth": 2} or {"codebase_path": "shop", "path_globs": ["**/*payment*"], "order_by": "lines"}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath,
    ...fileScope,
    view: z
      .enum(['list', 'tree'])
      .default('list')
      .describe('list: one entry a file. tree: directories and files by indentation, deep ones summed up.'),
    order_by: z
      .enum(['path', 'size', 'lines'])
      .default('path')
      .describe('For the list: by path, or the largest first.'),
    max_depth: z.number().int().min(1).max(50).default(3).describe('For the tree: levels of directories to show.'),
    limit: z.number().int().min(1).max(2000).default(200).describe('Most files, or lines of the tree, in one answer.'),
    offset: pageOffset('Files, or lines of the tree,'),
  }),
  output: z.strictObject({
    codebase: z.string(),
    total_files: z.number().int().describe('That fit the request, on all pages.'),
    files: z.array(file).optional(),
    tree: z
      .string()
      .optional()
      .describe(
        'One line a directory or file; a directory ends with a slash. Later pages begin with the directories that their first line is in.',
      ),
    ...pageFields,
    ...provenanceFields,
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async (args, { engine, settings, signal }) => {
    const scope = analysisScopeOf(args, settings.config);
    const { files, version, tookMs } = await engine.analysis.files(scope, signal);
    const page = { offset: args.offset, limit: args.limit };
    const { total, ...shown } =
      args.view === 'tree'
        ? treePage(files, args.max_depth, page)
        : listPage(scope.codebase, files, args.order_by, page);
    const what = args.view === 'tree' ? 'Lines of the tree' : 'Files';
    const message =
      files.length === 0 ? noFiles(args) : (behindLast(total, args.offset, what) ?? moreOf(shown.next_offset));
    return {
      codebase: scope.codebase,
      total_files: files.length,
      ...shown,
      index_version: version,
      took_ms: tookMs,
      ...(message !== undefined && { message }),
    };
  },
});

type Page = { offset: number; limit: number };

function moreOf(next: number | undefined): string | undefined {
  return next === undefined
    ? undefined
    : `There is more. Narrow it with path_globs, or call again with offset=${next}.`;
}

const orders: Readonly<Record<'path' | 'size' | 'lines', (x: FileFacts, y: FileFacts) => number>> = {
  path: () => 0,
  size: (x, y) => y.sizeBytes - x.sizeBytes,
  lines: (x, y) => y.lines - x.lines,
};

function listPage(codebase: string, files: readonly FileFacts[], order: keyof typeof orders, page: Page) {
  // They come by path, and sorting keeps that order among equals.
  const entries = files.toSorted(orders[order]).map(({ path, language, lines, sizeBytes }) => {
    return { file_path: `${codebase}/${path}`, language, lines, size_bytes: sizeBytes };
  });
  const { kept, fields } = pageOf(entries, page);
  return { total: entries.length, files: kept, ...fields };
}

function treePage(files: readonly FileFacts[], maxDepth: number, page: Page) {
  const lines = renderTree(files, maxDepth);
  const around = linesAround(lines, page.offset).map(indented);
  const { kept, fields } = pageOf(lines.map(indented), { ...page, used: JSON.stringify(around).length });
  return { total: lines.length, tree: [...around, ...kept].join('\n'), ...fields };
}
