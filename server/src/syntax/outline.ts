/** Decides how a file's syntax is shown as text, for golden files and for people. */
import type { SymbolDefinition, Syntax } from './types.ts';

function symbolLine(symbol: SymbolDefinition): string {
  const { startLine, endLine, nameLine, kind, name, parent, exported, complexity, docComment } = symbol;
  const place = `${startLine}-${endLine}${nameLine === startLine ? '' : `@${nameLine}`}`;
  const marks = [
    exported === undefined ? '' : exported ? 'exported' : 'private',
    complexity === undefined ? '' : `complexity ${complexity}`,
    docComment === undefined
      ? ''
      : `doc ${docComment.startLine}-${docComment.endLine} ${JSON.stringify(docComment.sentence)}`,
  ].filter((mark) => mark !== '');
  return [`${place} ${kind} ${parent === undefined ? '' : `${parent} > `}${name}`, ...marks].join(' | ');
}

/** One line a symbol, reference and import; the borders in one line. */
export function outline(syntax: Syntax): string {
  const references = syntax.references.map(({ line, kind, name, enclosing }) => {
    const within = enclosing === undefined ? '' : ` in ${syntax.symbols[enclosing]?.name ?? '?'}`;
    return `${line} ${kind} ${name}${within}`;
  });
  const imports = syntax.imports.map(
    ({ line, module, names }) => `${line} ${module}${names.length > 0 ? ` {${names.join(', ')}}` : ''}`,
  );
  return [
    `language ${syntax.language}${syntax.problem === undefined ? '' : ` (${syntax.problem})`}`,
    '',
    'symbols',
    ...syntax.symbols.map((symbol) => `  ${symbolLine(symbol)}`),
    'references',
    ...references.map((line) => `  ${line}`),
    'imports',
    ...imports.map((line) => `  ${line}`),
    `borders ${syntax.borders.map(({ line, depth }) => `${line}/${depth}`).join(' ')}`,
    '',
  ].join('\n');
}
