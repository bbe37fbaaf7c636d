/** Decides `count_lines_of_code`: how many lines of code, comments and blanks a codebase has, by language. */
import { z } from 'zod';
import { type LanguageKind, languageKind, languageKinds } from '../analysis/language-kinds.ts';
import type { FileFacts } from '../analysis/port.ts';
import { analysisScopeOf, noFiles, provenanceFields } from './analysis-fields.ts';
import { codebasePath } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';
import { fileScope } from './file-scope.ts';

const lineFields = {
  files: z.number().int(),
  total_lines: z.number().int(),
  code_lines: z.number().int(),
  comment_lines: z.number().int(),
  blank_lines: z.number().int(),
};
const counts = z.strictObject(lineFields);
type Counts = z.input<typeof counts>;

export const countLinesOfCode = defineTool({
  name: 'count_lines_of_code',
  title: 'Count lines of code',
  description: [
    'Count files and lines of code, comments and blanks of a codebase, by language and overall, as cloc and tokei do.',
    'Use it for the size and make-up of a codebase or of one directory (path_globs). Ignored, binary, minified and generated files are not counted.',
    'For single files by size use list_files.',
    'Example: {"codebase_path": "shop", "path_globs": ["src/**"], "by_directory": true}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath,
    ...fileScope,
    by_directory: z.boolean().default(false).describe('True: also by top-level directory of the files counted.'),
  }),
  output: z.strictObject({
    codebase: z.string(),
    total: counts,
    by_kind: z
      .strictObject({ code: counts, data: counts, prose: counts })
      .describe(
        'data: JSON, YAML, XML and the like; prose: Markdown, plain text and the like; code: all other languages.',
      ),
    languages: z.array(
      z.strictObject({
        language: z.string(),
        kind: z.enum(languageKinds),
        ...lineFields,
        percent: z.number().describe('Of the code lines of all languages of its kind.'),
      }),
    ),
    directories: z.array(z.strictObject({ directory: z.string(), ...lineFields })).optional(),
    ...provenanceFields,
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async (args, { engine, settings, signal }) => {
    const scope = analysisScopeOf(args, settings.config);
    const { files, version, tookMs } = await engine.analysis.files(scope, signal);
    const ofKind = (kind: LanguageKind) => sum(files.filter(({ language }) => languageKind(language) === kind));
    const byKind = { code: ofKind('code'), data: ofKind('data'), prose: ofKind('prose') };
    const languages = [...grouped(files, ({ language }) => language)].map(([language, some]) => {
      const counted = sum(some);
      const kind = languageKind(language);
      return { language, kind, ...counted, percent: percent(counted.code_lines, byKind[kind].code_lines) };
    });
    return {
      codebase: scope.codebase,
      total: sum(files),
      by_kind: byKind,
      languages: languages.sort(byKindAndSize),
      ...(args.by_directory && { directories: byDirectory(files) }),
      index_version: version,
      took_ms: tookMs,
      ...(files.length === 0 && { message: noFiles(args) }),
    };
  },
});

function sum(files: readonly FileFacts[]): Counts {
  const result = { files: files.length, total_lines: 0, code_lines: 0, comment_lines: 0, blank_lines: 0 };
  for (const file of files) {
    result.total_lines += file.lines;
    result.code_lines += file.codeLines;
    result.comment_lines += file.commentLines;
    result.blank_lines += file.blankLines;
  }
  return result;
}

type LanguageCounts = { language: string; kind: LanguageKind; code_lines: number };

function byKindAndSize(x: LanguageCounts, y: LanguageCounts): number {
  const kinds = languageKinds.indexOf(x.kind) - languageKinds.indexOf(y.kind);
  return kinds || y.code_lines - x.code_lines || (x.language < y.language ? -1 : 1);
}

const percent = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((part / whole) * 1000) / 10);

function grouped(files: readonly FileFacts[], keyOf: (file: FileFacts) => string): Map<string, FileFacts[]> {
  const groups = new Map<string, FileFacts[]>();
  for (const file of files) {
    const key = keyOf(file);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [file]);
    else known.push(file);
  }
  return groups;
}

/** By the first directory in which the files differ, so that `src/**` is told by what is in `src`. */
function byDirectory(files: readonly FileFacts[]): ({ directory: string } & Counts)[] {
  const common = commonFolders(files.map(({ path }) => path));
  const directoryOf = ({ path }: FileFacts) => {
    const folders = path.split('/').slice(0, -1);
    return folders.length > common ? `${folders.slice(0, common + 1).join('/')}/` : './';
  };
  return [...grouped(files, directoryOf)]
    .map(([directory, some]) => ({ directory, ...sum(some) }))
    .sort((x, y) => y.code_lines - x.code_lines || (x.directory < y.directory ? -1 : 1))
    .slice(0, maxDirectories);
}

const maxDirectories = 200;

function commonFolders(paths: readonly string[]): number {
  const [first = '', ...rest] = paths;
  let folders = first.split('/').slice(0, -1);
  for (const path of rest) {
    const other = path.split('/').slice(0, -1);
    const differs = folders.findIndex((folder, i) => folder !== other[i]);
    if (differs >= 0) folders = folders.slice(0, differs);
  }
  return folders.length;
}
