/** Decides how much of an answer docs/tools.md shows: what was left out is counted where it was, and nothing else is changed. */

type Limits = { items: number; lines: number; characters: number };

/** From generous to terse; the first that fits is taken. */
const attempts: readonly Limits[] = [
  { items: 6, lines: 20, characters: 400 },
  { items: 3, lines: 12, characters: 240 },
  { items: 2, lines: 8, characters: 160 },
  { items: 1, lines: 5, characters: 120 },
];
const mostLines = 45;
/** Columns of the page that code takes. */
const width = 110;

/** The answer as text of JSON, near `mostLines` lines. */
export function shortened(answer: unknown): string {
  let text = '';
  for (const limits of attempts) {
    text = render(shorten(answer, limits), '');
    if (text.split('\n').length <= mostLines) return text;
  }
  return text;
}

function shorten(value: unknown, limits: Limits): unknown {
  if (typeof value === 'string') return shortenText(value, limits);
  if (Array.isArray(value)) {
    const kept = value.slice(0, limits.items).map((item) => shorten(item, limits));
    return value.length > kept.length ? [...kept, `… ${value.length - kept.length} more`] : kept;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shorten(inner, limits)]));
}

function shortenText(text: string, { lines, characters }: Limits): string {
  const all = text.split('\n');
  const kept = all.slice(0, lines).join('\n');
  const most = characters * Math.min(lines, all.length);
  if (kept.length > most) return `${kept.slice(0, most)}… (${text.length - most} more characters)`;
  return all.length > lines ? `${kept}\n… (${all.length - lines} more lines)` : kept;
}

/** JSON with what fits into a line on one line. */
function render(value: unknown, indent: string): string {
  const flat = flatten(value);
  if (indent.length + flat.length <= width || typeof value !== 'object' || value === null) return flat;
  const deeper = `${indent}  `;
  const entries = Array.isArray(value)
    ? value.map((item) => render(item, deeper))
    : Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${render(inner, deeper)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${entries.map((entry) => deeper + entry).join(',\n')}\n${indent}${close}`;
}

function flatten(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flatten).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${flatten(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
