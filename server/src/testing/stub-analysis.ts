/** Decides what the stub engine answers about codebases as a whole: the real answers, over files held in memory and on this thread. */
import { Cells } from '../analysis/cells.ts';
import { DependencyAnalyzer } from '../analysis/dependencies.ts';
import { DuplicateAnalyzer } from '../analysis/duplicate-analyzer.ts';
import { ImprovementAnalyzer } from '../analysis/improvements.ts';
import type { CodeAnalysis } from '../analysis/port.ts';
import { counterpartsOf } from '../analysis/related-files.ts';
import type { Batch } from '../analysis/worker-protocol.ts';
import { languageOf } from '../chunking/languages.ts';
import { CodeSageError } from '../errors.ts';
import { countLineKinds } from '../syntax/line-count.ts';
import { parseFile } from '../syntax/parser.ts';

type Value = string | number;

/** Rows as they come from a table. */
export function cellsOf(rows: readonly Record<string, Value>[]): Cells {
  const columns: Batch['columns'] = {};
  for (const name of Object.keys(rows[0] ?? {})) {
    const values = rows.map((row) => row[name] ?? '');
    if (typeof values[0] === 'number') {
      columns[name] = { kind: 'int', values: Int32Array.from(values, Number) };
      continue;
    }
    const texts = values.map((value) => Buffer.from(String(value)));
    const offsets = new Int32Array(texts.length + 1);
    for (const [i, text] of texts.entries()) offsets[i + 1] = (offsets[i] ?? 0) + text.length;
    columns[name] = { kind: 'text', bytes: new Uint8Array(Buffer.concat(texts)), offsets };
  }
  return new Cells({ part: '', rows: rows.length, columns });
}

/** The `files` rows that analyzers take. */
export function fileRows(files: Readonly<Record<string, string>>): Cells {
  return cellsOf(
    Object.entries(files).map(([path, text]) => ({ path, language: languageOf(path), lines: lineCount(text), text })),
  );
}

/** The `definitions` and `imports` rows, as the real parser finds them. */
export async function syntaxRows(
  files: Readonly<Record<string, string>>,
): Promise<{ definitions: Cells; imports: Cells }> {
  const parsed = await Promise.all(
    Object.entries(files).map(async ([path, text]) => ({ path, ...(await parseFile(path, text)) })),
  );
  const definitions = parsed.flatMap(({ path, language, symbols }) =>
    symbols.map((one, ordinal) => ({
      path,
      language,
      ordinal,
      name: one.name,
      kind: one.kind,
      parent: one.parent ?? '',
      line: one.startLine,
      end_line: one.endLine,
      exported: one.exported === undefined ? -1 : Number(one.exported),
      doc_line: one.docComment?.startLine ?? 0,
      complexity: one.complexity ?? 0,
    })),
  );
  const imports = parsed.flatMap(({ path, language, imports: found }) =>
    found.map(({ module, names }) => ({ path, language, name: module, uses: names.join(' ') })),
  );
  return { definitions: cellsOf(definitions), imports: cellsOf(imports) };
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** One codebase of these files. */
export function createStubAnalysis(codebase: string, files: Readonly<Record<string, string>>): CodeAnalysis {
  const version = `${codebase}@stub`;
  const provenance = { version, tookMs: 1 };
  const known = (name: string) => {
    if (name !== codebase)
      throw new CodeSageError('UnknownCodebase', `There is no codebase "${name}".`, `Write one of: ${codebase}.`);
  };
  return {
    files: async (scope) => {
      known(scope.codebase);
      const facts = Object.entries(files).map(([path, text]) => {
        const { code, comment, blank } = countLineKinds(Buffer.from(text), languageOf(path));
        const counts = { lines: lineCount(text), codeLines: code, commentLines: comment, blankLines: blank };
        return { path, language: languageOf(path), sizeBytes: text.length, ...counts };
      });
      return { files: facts.sort((x, y) => (x.path < y.path ? -1 : 1)), ...provenance };
    },
    dependencies: async (scope) => {
      known(scope.codebase);
      const analyzer = new DependencyAnalyzer({ job: 'dependencies', paths: Object.keys(files) }, () => true);
      analyzer.add('imports', (await syntaxRows(files)).imports);
      return { ...analyzer.finish(), ...provenance };
    },
    duplicates: async (request) => {
      known(request.codebase);
      const analyzer = new DuplicateAnalyzer(request, () => true);
      analyzer.add('files', fileRows(files));
      return { ...analyzer.finish(), ...provenance };
    },
    improvements: async (request) => {
      known(request.codebase);
      const analyzer = new ImprovementAnalyzer({ ...request, job: 'improvements' }, () => true);
      analyzer.add('files', fileRows(files));
      analyzer.add('definitions', (await syntaxRows(files)).definitions);
      return { ...analyzer.finish(), ...provenance };
    },
    related: async (request) => {
      const path = request.path.replace(`${codebase}/`, '');
      if (files[path] === undefined)
        throw new CodeSageError('FileNotFound', `There is no file ${path}.`, 'Use a path from a search result.');
      const subject = { codebase, path, startLine: 1, endLine: 1, symbols: [] };
      const passages = Object.entries(files)
        .filter(([other]) => other !== path)
        .map(([other, text]) => ({
          codebase,
          path: other,
          startLine: 1,
          endLine: 1,
          language: languageOf(other),
          score: 1,
          text,
        }));
      const counterparts = counterpartsOf(path, Object.keys(files));
      return {
        subject,
        passages: passages.slice(0, request.limit),
        counterparts,
        importedBy: [],
        imports: [],
        ...provenance,
      };
    },
    isAtHand: async () => false,
  };
}
