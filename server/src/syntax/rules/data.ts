/** Decides how data and documents are read: YAML, JSON, TOML, HCL, HTML, CSS. */
import type { Peek } from '../peek.ts';
import { type LanguageRules, type NameFinder, type NameSpan, type ParsedImport, unquoted } from './rule.ts';

/** Longest name taken from a document. */
const maxLabel = 120;
const labelled = (span: NameSpan | undefined, text: string): NameSpan | undefined =>
  span === undefined || text === '' ? undefined : { ...span, label: text.replace(/\s+/g, ' ').slice(0, maxLabel) };

const quotedKey =
  (field: string): NameFinder =>
  (peek) => {
    const span = peek.field(field);
    return labelled(span, span === undefined ? '' : unquoted(peek.textOf(span)));
  };

export const yaml: LanguageRules = {
  comments: ['comment'],
  definitions: { block_mapping_pair: { kind: 'key', name: quotedKey('key'), whole: true } },
  blocks: ['stream', 'block_mapping', 'block_sequence'],
  maxScope: 3,
  opaque: [
    'plain_scalar',
    'double_quote_scalar',
    'single_quote_scalar',
    'block_scalar',
    'flow_mapping',
    'flow_sequence',
  ],
};

export const json: LanguageRules = {
  comments: ['comment'],
  definitions: { pair: { kind: 'key', name: quotedKey('key'), whole: true } },
  blocks: ['object', 'array'],
  maxScope: 2,
  opaque: ['string'],
};

const keyTypes = ['bare_key', 'dotted_key', 'quoted_key'];
const tomlKey: NameFinder = (peek) => {
  const span = peek.child(...keyTypes);
  return labelled(span, span === undefined ? '' : peek.textOf(span).replace(/['"]/g, ''));
};

export const toml: LanguageRules = {
  comments: ['comment'],
  definitions: {
    table: { kind: 'section', name: tomlKey, whole: true },
    table_array_element: { kind: 'section', name: tomlKey, whole: true },
    pair: { kind: 'key', name: tomlKey, whole: true },
  },
  blocks: ['table', 'table_array_element', 'array'],
  maxScope: 1,
  opaque: ['string'],
};

/** `resource.aws_s3_bucket.store` of `resource "aws_s3_bucket" "store" {`. */
const blockLabels: NameFinder = (peek) => {
  const parts = peek.childrenOf('identifier', 'string_lit');
  return labelled(parts.at(-1), parts.map((span) => unquoted(peek.textOf(span))).join('.'));
};

/** `store` of `aws_s3_bucket.store.arn`, `name` of `var.name`. */
function traversed(peek: Peek): NameSpan | undefined {
  if (peek.child('variable_expr') === undefined) return undefined;
  const here = peek.here();
  const parts = peek.text.slice(here.start, Math.min(here.end, here.start + maxLabel)).split('.');
  const name = /^[\w-]+/.exec((parts[0] === 'data' ? parts[2] : parts[1]) ?? '')?.[0];
  return name === undefined ? undefined : { ...here, label: name };
}

function moduleSource(peek: Peek): ParsedImport[] {
  const match = /^source\s*=\s*"([^"]+)"/.exec(peek.textOf(peek.here()).slice(0, 300));
  return match === null ? [] : [{ module: match[1] as string, names: [] }];
}

export const hcl: LanguageRules = {
  comments: ['comment'],
  definitions: {
    block: { kind: 'section', name: blockLabels },
    attribute: {
      kind: (peek) => (peek.scopeName === 'locals' ? 'variable' : undefined),
      name: (peek) => peek.child('identifier'),
    },
  },
  blocks: ['block'],
  flatBlocks: ['body'],
  calls: { function_call: { first: true } },
  mentions: { expression: { find: traversed } },
  imports: { attribute: moduleSource },
  opaque: ['string_lit'],
};

const htmlName: NameFinder = (peek) => {
  const tag = peek.child('start_tag', 'self_closing_tag');
  if (tag === undefined) return undefined;
  const text = peek.textOf(tag).slice(0, 2_000);
  const id = /\sid\s*=\s*["']?([^"'\s>]+)/i.exec(text)?.[1];
  if (!/^<h[1-6]\b/i.test(text)) return labelled(tag, id ?? '');
  return labelled(
    tag,
    peek
      .textOf(peek.here())
      .slice(0, 2_000)
      .replace(/<[^>]*>/g, '')
      .trim(),
  );
};

function linked(peek: Peek): ParsedImport[] {
  const text = peek.textOf(peek.here()).slice(0, 2_000);
  const match = /^<(?:script\b[^>]*?\ssrc|link\b[^>]*?\shref)\s*=\s*["']?([^"'\s>]+)/i.exec(text);
  return match === null ? [] : [{ module: match[1] as string, names: [] }];
}

export const html: LanguageRules = {
  comments: ['comment'],
  definitions: {
    element: {
      kind: (peek) =>
        /^<h[1-6]\b/i.test(peek.text.slice(peek.here().start, peek.here().start + 4)) ? 'heading' : 'element',
      name: htmlName,
      whole: true,
    },
  },
  blocks: ['element'],
  imports: { start_tag: linked, self_closing_tag: linked },
  opaque: ['raw_text', 'text', 'attribute'],
};

const atRule: NameFinder = (peek) => {
  const here = peek.here();
  const head = peek.text.slice(here.start, Math.min(here.end, here.start + maxLabel)).split('{')[0] ?? '';
  return labelled(here, head.trim());
};

function cssImport(peek: Peek): ParsedImport[] {
  const match = /["']([^"']+)["']|url\(\s*([^)\s]+)/.exec(peek.textOf(peek.here()));
  const module = match?.[1] ?? match?.[2];
  return module === undefined ? [] : [{ module: unquoted(module), names: [] }];
}

export const css: LanguageRules = {
  comments: ['comment'],
  definitions: {
    rule_set: {
      kind: 'selector',
      name: (peek) => {
        const span = peek.child('selectors');
        return labelled(span, span === undefined ? '' : peek.textOf(span));
      },
      whole: true,
    },
    media_statement: { kind: 'section', name: atRule, whole: true },
    supports_statement: { kind: 'section', name: atRule, whole: true },
    keyframes_statement: { kind: 'section', name: atRule, whole: true },
    declaration: {
      kind: 'variable',
      name: (peek) => {
        const span = peek.child('property_name');
        return span !== undefined && peek.textOf(span).startsWith('--') ? span : undefined;
      },
      whole: true,
    },
  },
  blocks: ['block', 'keyframe_block_list'],
  imports: { import_statement: cssImport },
  opaque: ['string_value', 'selectors', 'import_statement'],
};
