/** Decides how Rust is read. */
import type { Peek } from '../peek.ts';
import type { Rename } from '../types.ts';
import { hasWord, type LanguageRules, type ParsedImport, withRenames } from './rule.ts';

/** Splits at commas outside of braces. */
function splitOuter(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const mark = text[at];
    if (mark === '{') depth++;
    else if (mark === '}') depth--;
    else if (mark === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** What is taken from one module path. */
type Taken = { names: string[]; renames: Rename[] };

/** Deepest nesting of braces that is followed. */
const maxUseDepth = 8;

/** `a::{b, c::d}` as one import for each module path. */
function useTree(text: string, prefix: string, into: Map<string, Taken>, depth = 0): void {
  const brace = text.indexOf('{');
  if (brace >= 0 && depth < maxUseDepth) {
    const path = prefix + text.slice(0, brace).trim();
    for (const part of splitOuter(text.slice(brace + 1, text.lastIndexOf('}')))) useTree(part, path, into, depth + 1);
    return;
  }
  const whole = prefix + text.replace(/\s+as\s+[\s\S]*$/, '').trim();
  const cut = whole.lastIndexOf('::');
  const module = cut < 0 ? whole : whole.slice(0, cut);
  const taken = into.get(module) ?? { names: [], renames: [] };
  const name = cut < 0 ? '' : whole.slice(cut + 2);
  const as = /\s+as\s+([\p{L}]\w*)\s*$/u.exec(text)?.[1];
  if (/^\w+$/.test(name) && name !== 'self') {
    taken.names.push(name);
    if (as !== undefined) taken.renames.push({ name, as });
  } else if (as !== undefined) taken.renames.push({ name: '', as });
  into.set(module, taken);
}

function useImports(peek: Peek): ParsedImport[] {
  const argument = peek.field('argument');
  if (argument === undefined) return [];
  const found = new Map<string, Taken>();
  useTree(peek.textOf(argument), '', found);
  return [...found].map(([module, { names, renames }]) => ({ module, names, ...withRenames(renames) }));
}

/** `mod inner;` takes another file in. */
function moduleFile(peek: Peek): ParsedImport[] {
  const name = peek.field('name');
  return name === undefined || peek.field('body') !== undefined ? [] : [{ module: peek.textOf(name), names: [] }];
}

export const rust: LanguageRules = {
  comments: ['line_comment', 'block_comment'],
  definitions: {
    function_item: { kind: 'function' },
    function_signature_item: { kind: 'function', bodiless: true },
    struct_item: { kind: 'struct' },
    union_item: { kind: 'struct' },
    enum_item: { kind: 'enum' },
    enum_variant: { kind: 'member' },
    field_declaration: { kind: 'field' },
    trait_item: { kind: 'trait' },
    impl_item: { kind: 'type', name: 'type', scopeOnly: true },
    const_item: { kind: 'constant' },
    static_item: { kind: 'variable' },
    type_item: { kind: 'type' },
    associated_type: { kind: 'type' },
    macro_definition: { kind: 'macro' },
    mod_item: { kind: 'module' },
  },
  blocks: ['block', 'declaration_list', 'field_declaration_list', 'enum_variant_list', 'match_block'],
  calls: { call_expression: { field: 'function' }, macro_invocation: { field: 'macro' } },
  typeLeaves: ['type_identifier'],
  ignored: new Set(['Self', 'String', 'Option', 'Vec', 'Box', 'Result', 'Ok', 'Err', 'Some']),
  imports: { use_declaration: useImports, mod_item: moduleFile },
  decisions: ['if_expression', 'match_arm', 'for_expression', 'while_expression', 'loop_expression', 'try_expression'],
  decisionTokens: ['&&', '||'],
  attached: ['attribute_item'],
  opaque: ['string_literal', 'raw_string_literal', 'char_literal', 'inner_attribute_item'],
  exported: (head, _name, peek) => hasWord(head, 'pub') || peek.scopeKind === 'trait' || peek.scopeKind === 'enum',
};
