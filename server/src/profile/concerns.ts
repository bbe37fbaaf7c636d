/** Decides what of a function is worth a look for its speed, how much, and what to do about it. */
import { callKind, isDear } from './call-kinds.ts';
import type { FunctionSites, Growths } from './functions.ts';
import { growthText } from './functions.ts';
import type { NodeKinds } from './grammar-kinds.ts';
import { type Concern, type ConcernKind, type Severity, severities } from './port.ts';
import type { Site } from './profile-walk.ts';

type Found = { kind: ConcernKind; severity: Severity; site: Site; message: string };

const highComplexity = 20;
const notableComplexity = 10;
const notableNesting = 5;
const mostLines = 20;

/** All concerns of a file, the most severe first, then those in deeper loops. */
export function concernsOf(
  functions: readonly FunctionSites[],
  growths: Growths,
  kinds: NodeKinds,
  text: string,
): Concern[] {
  const lines = text.split('\n');
  const all = functions.flatMap((one) => {
    const body = lines
      .slice(one.startLine - 1, one.endLine)
      .join('\n')
      .slice(0, maxBody);
    const found = [
      ...nestedLoops(one, growths),
      ...one.sites.flatMap((site) => siteConcerns(site, one, kinds, body)),
      ...recursion(one, growths),
      ...shape(one),
    ];
    return grouped(one.name, found, lines);
  });
  const weight = ({ severity }: Concern) => severities.indexOf(severity);
  return all.sort((a, b) => weight(a) - weight(b) || a.line - b.line);
}

/** Longest part of a function that is looked through for what its variables are. */
const maxBody = 20_000;

/** One concern a kind and function: the first place with the others as further lines. */
function grouped(functionName: string, found: readonly Found[], lines: readonly string[]): Concern[] {
  const byKind = Map.groupBy(found, ({ kind }) => kind);
  return [...byKind.values()].map((group) => {
    const [first, ...rest] = group.toSorted(
      (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || a.site.line - b.site.line,
    ) as [Found, ...Found[]];
    const { kind, severity, site, message } = first;
    const moreLines = [...new Set(rest.map((one) => one.site.line))].filter((line) => line !== site.line);
    const evidence = (lines[site.line - 1] ?? '').trim().slice(0, 160);
    return {
      kind,
      severity,
      functionName,
      line: site.line,
      moreLines: moreLines.slice(0, mostLines),
      evidence,
      message,
    };
  });
}

function nestedLoops({ sites }: FunctionSites, growths: Growths): Found[] {
  const deepest = new Map<number, Site>();
  for (const site of sites) {
    const [outer] = site.loops;
    if (site.kind !== 'loop' || outer === undefined) continue;
    if (site.loops.length > (deepest.get(outer)?.loops.length ?? 1)) deepest.set(outer, site);
  }
  const direct = [...deepest.values()].map((site): Found => {
    const depth = site.loops.length;
    return {
      kind: 'nested_loops',
      severity: depth > 2 ? 'high' : 'medium',
      site,
      message: `${depth} loops inside each other (lines ${site.loops.join(', ')}): up to ${growthText({ power: depth, hasLog: false })} if each goes over n elements. Look things up in a map or set instead of searching, or join what is walked twice.`,
    };
  });
  const hidden = sites.flatMap((site): Found[] => {
    const callee = growths.calleeOf(site);
    if (callee === undefined || site.loops.length === 0 || growths.of(callee).power === 0) return [];
    const power = site.loops.length + growths.of(callee).power;
    return [
      {
        kind: 'nested_loops',
        severity: power > 2 ? 'high' : 'medium',
        site,
        message: `${callee.name} (line ${callee.startLine}) loops itself and is called in a loop (lines ${site.loops.join(', ')}): up to ${growthText({ power, hasLog: false })}. Call it once with all elements, or prepare before the loop what it looks for.`,
      },
    ];
  });
  return [...direct, ...hidden];
}

function siteConcerns(site: Site, one: FunctionSites, kinds: NodeKinds, body: string): Found[] {
  if (site.loops.length === 0) return [];
  switch (site.kind) {
    case 'call':
      return callConcern(site);
    case 'await':
      return [awaitConcern(site)];
    case 'assignment':
      return assignmentConcern(site, one, kinds, body);
    case 'creation':
      return creationConcern(site);
    case 'reduce':
      return reduceConcern(site, one);
    case 'defer':
      return [
        {
          kind: 'defer_in_loop',
          severity: 'medium',
          site,
          message:
            'Deferred calls of a loop run when the function ends, and pile up until then. Move the body into a function, or close at its end.',
        },
      ];
    default:
      return [];
  }
}

function callConcern(site: Site): Found[] {
  const what = callKind(site.text, site.name);
  const short = site.text.length > 60 ? `…${site.text.slice(-60)}` : site.text;
  const isDeep = site.loops.length > 1;
  switch (what) {
    case 'io':
      return [
        {
          kind: 'io_in_loop',
          severity: 'high',
          site,
          message: `${short} reaches a disk, database, process or the network in each round. Ask once for all (a batch, a join, IN), or let several run at the same time with a limit.`,
        },
      ];
    case 'regex':
      return [
        {
          kind: 'regex_in_loop',
          severity: isDeep ? 'high' : 'medium',
          site,
          message: `${short} compiles a pattern in each round. Compile it once before the loop, or as a constant.`,
        },
      ];
    case 'sort':
      return [
        {
          kind: 'sort_in_loop',
          severity: isDeep ? 'high' : 'medium',
          site,
          message: `${short} sorts in each round. Sort once before or behind the loop, or keep a heap or a sorted structure.`,
        },
      ];
    case 'search':
      return [
        {
          kind: 'linear_search_in_loop',
          severity: isDeep ? 'medium' : 'low',
          site,
          message: `${short} goes through a list or text in each round. If it is a list that grows, make a set or map of it before the loop.`,
        },
      ];
    default:
      return [];
  }
}

function awaitConcern(site: Site): Found {
  return {
    kind: 'await_in_loop',
    severity: 'medium',
    site,
    message:
      'Each round waits for the one before. If they do not depend on each other, start them together with a limit on how many (Promise.all in batches, gather, JoinSet, Task.WhenAll).',
  };
}

const appended = /^([\w$.@>-]+(?:\[[^\]]{0,60}\])?)\s*(?:\+=|\.=|\.\.=)\s*([\s\S]*)$/;
const rejoined = /^([\w$.@]+)\s*:?=\s*\1\s*(?:\+|\.\.)\s*([\s\S]*)$/;
const isText = /^(?:[fFrRbBuU$@]{0,2}["'`])|["'`]\s*\+|\+\s*[fF$]?["'`]|\.\.\s*["']/;
const copied =
  /^([\w$.]+)\s*=\s*(?:\[\s*\.\.\.\1\b|\{\s*\.\.\.\1\b|\1\.concat\(|Object\.assign\(\s*\{\s*\}\s*,\s*\1\b|\1\s*\+\s*\[)/;

function assignmentConcern(site: Site, one: FunctionSites, { concatenation }: NodeKinds, body: string): Found[] {
  const { text } = site;
  if (copied.test(text)) return [copyConcern(site)];
  const match = appended.exec(text) ?? rejoined.exec(text);
  if (match === null || concatenation === 'free') return [];
  const [, target = '', value = ''] = match;
  if (!isText.test(value) && !startsAsText(target, body)) return [];
  if (beginsInRound(target, site, one, body)) return [];
  const message =
    concatenation === 'copies'
      ? 'Texts do not change, so each round copies what is there already: quadratic in the end. Collect the parts and join them once (join, StringBuilder, strings.Builder, <<).'
      : 'Adding to a text in a loop is mostly helped by the engine; for very many parts collect them in an array and join them once.';
  return [{ kind: 'string_concat_in_loop', severity: concatenation === 'copies' ? 'medium' : 'low', site, message }];
}

/** Whether a variable gets a new value in each round before the site: then nothing piles up. */
function beginsInRound(target: string, { line, loops }: Site, { startLine }: FunctionSites, body: string): boolean {
  const loop = loops.at(-1);
  if (loop === undefined || !/^[\w$]+$/.test(target)) return false;
  const name = target.replaceAll('$', '\\$');
  const begins = new RegExp(`^\\s*(?:(?:let|var|String|string)\\s+)?${name}\\s*:?=(?!=)\\s*(?!${name}\\b)`);
  const before = body.split('\n').slice(loop - startLine + 1, line - startLine);
  return before.some((text) => begins.test(text));
}

/** Whether a variable begins as a text somewhere in the function. */
function startsAsText(target: string, body: string): boolean {
  if (!/^[\w$]+$/.test(target)) return false;
  const forms = [`${target} = "`, `${target} = '`, `${target} = \``, `${target} := "`, `${target}="`, `${target}='`];
  return [...forms, `${target}: str`, `String ${target} `, `string ${target} `].some((form) => body.includes(form));
}

function creationConcern(site: Site): Found[] {
  const type = /^new\s+([\w$.\\]+)/.exec(site.text)?.[1] ?? '';
  if (/^Reg(?:Exp|ex)$/.test(type)) return [];
  if (isDear(type)) {
    return [
      {
        kind: 'allocation_in_loop',
        severity: 'medium',
        site,
        message: `${type} is dear to make and can be used again: make it once before the loop.`,
      },
    ];
  }
  if (site.loops.length < 2) return [];
  const message =
    'Objects are made in an inner loop. If a profiler shows the collector at work, use one again or values without objects.';
  return [{ kind: 'allocation_in_loop', severity: 'low', site, message }];
}

/** A reduce whose function copies what it has collected. */
function reduceConcern(site: Site, { sites }: FunctionSites): Found[] {
  const parameter = /^(?:async\s*)?\(?\s*([\w$]+)/.exec(site.text)?.[1];
  if (parameter === undefined) return [];
  const copies = new RegExp(
    `[[{]\\s*\\.\\.\\.${parameter.replaceAll('$', '\\$')}\\b|\\b${parameter.replaceAll('$', '\\$')}\\.concat\\(`,
  );
  return sites.length > 0 && copies.test(site.text) ? [copyConcern(site)] : [];
}

function copyConcern(site: Site): Found {
  return {
    kind: 'copy_in_loop',
    severity: 'high',
    site,
    message:
      'Each round copies all that was collected before: quadratic in the end. Add to one collection in place (push, set, append).',
  };
}

function recursion(one: FunctionSites, growths: Growths): Found[] {
  if (!growths.recursive.has(one)) return [];
  const own = one.sites.filter((site) => growths.calleeOf(site) === one);
  const [first] = own;
  const site = first ?? { ...plainSite, line: one.startLine, endLine: one.endLine };
  if (first === undefined)
    return [
      {
        kind: 'recursion',
        severity: 'low',
        site,
        message: 'It comes back to itself by way of other functions. See that the depth has a bound.',
      },
    ];
  if (own.length < 2)
    return [
      {
        kind: 'recursion',
        severity: 'low',
        site,
        message: 'It calls itself. See that the depth has a bound; a loop needs no stack.',
      },
    ];
  const message = `It calls itself in ${own.length} places. Where several run in one call on overlapping parts, time doubles with each level: keep results (memoise), or work from the small to the large.`;
  return [{ kind: 'recursion', severity: 'medium', site, message }];
}

const plainSite: Site = { kind: 'control', line: 1, endLine: 1, loops: [], nesting: 0, text: '', name: '' };

/** Concerns about a function as a whole. */
function shape(one: FunctionSites): Found[] {
  const { complexity, startLine, sites, name } = one;
  const found: Found[] = [];
  if (name !== '' && complexity > notableComplexity) {
    found.push({
      kind: 'complexity',
      severity: complexity > highComplexity ? 'medium' : 'low',
      site: { ...plainSite, line: startLine },
      message: `Cyclomatic complexity ${complexity}: hard to test and to make fast. Split it, and return early.`,
    });
  }
  const deepest = sites.reduce<Site | undefined>(
    (most, site) => (site.kind !== 'call' && site.nesting > (most?.nesting ?? 0) ? site : most),
    undefined,
  );
  if (deepest !== undefined && deepest.nesting >= notableNesting) {
    found.push({
      kind: 'deep_nesting',
      severity: 'low',
      site: deepest,
      message: `${deepest.nesting} control structures inside each other. Return early, or move the inner ones out.`,
    });
  }
  return found;
}
