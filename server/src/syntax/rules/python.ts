/** Decides how Python is read. */
import type { Peek, Span } from '../peek.ts';
import {
  type LanguageRules,
  listedNames,
  type NameFinder,
  type ParsedImport,
  renamesIn,
  valueKind,
  withRenames,
} from './rule.ts';

const assigned: NameFinder = (peek) => {
  const left = peek.field('left');
  return left?.type === 'identifier' ? left : undefined;
};

/** The string that opens a body. */
function docString(peek: Peek): Span | undefined {
  const body = peek.field('body');
  if (body === undefined) return undefined;
  const opening = /[rRuU]{0,2}("""|'''|"|')/y;
  opening.lastIndex = body.start;
  const mark = opening.exec(peek.text)?.[1];
  if (mark === undefined) return undefined;
  const end = peek.text.indexOf(mark, opening.lastIndex);
  return end < 0 || end > body.end ? undefined : { start: body.start, end: end + mark.length, type: 'string' };
}

function plainImports(peek: Peek): ParsedImport[] {
  const text = peek.textOf(peek.here()).replace(/^import\s+/, '');
  const { renames = [] } = renamesIn(text);
  return listedNames(text).map((module) => {
    const own = renames.filter(({ name }) => name === module).map(({ as }) => ({ name: '', as }));
    return { module, names: [], ...withRenames(own) };
  });
}

function importFrom(peek: Peek): ParsedImport[] {
  const match = /^from\s+([\w.\s]+?)\s+import\s+([\s\S]*)$/.exec(peek.textOf(peek.here()));
  if (match === null) return [];
  const names = (match[2] as string).replace(/#.*$/gm, '').replace(/[()\\]/g, '');
  return [{ module: (match[1] as string).replace(/\s/g, ''), names: listedNames(names), ...renamesIn(names) }];
}

export const python: LanguageRules = {
  comments: ['comment'],
  definitions: {
    function_definition: { kind: 'function' },
    class_definition: { kind: 'class' },
    assignment: { kind: valueKind, name: assigned },
    type_alias_statement: { kind: 'type', name: (peek) => peek.field('left') },
  },
  wrappers: ['decorated_definition'],
  blocks: ['block'],
  calls: { call: { field: 'function' } },
  typeTexts: ['type'],
  typeFields: { class_definition: ['superclasses'] },
  ignored: new Set(
    'int str float bool bytes None object list dict set tuple type Any Optional Union len print range isinstance super enumerate zip sorted getattr setattr hasattr repr'.split(
      ' ',
    ),
  ),
  mentions: { decorator: { find: (peek) => peek.child('identifier', 'attribute') } },
  imports: { import_statement: plainImports, import_from_statement: importFrom, future_import_statement: importFrom },
  decisions: [
    'if_statement',
    'elif_clause',
    'for_statement',
    'while_statement',
    'except_clause',
    'case_clause',
    'conditional_expression',
    'for_in_clause',
    'if_clause',
  ],
  decisionTokens: ['and', 'or'],
  opaque: ['future_import_statement'],
  innerDoc: docString,
  // Only a docstring documents a function or a class; a value has none, so that a comment does, and `#:` always.
  isDoc: (comment, kind) => /^\s*#:/.test(comment) || kind === 'constant' || kind === 'variable' || kind === 'field',
  exported: (_head, name) => !name.startsWith('_') || /^__\w+__$/.test(name),
};
