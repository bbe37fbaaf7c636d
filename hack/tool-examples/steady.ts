/** Decides what of an answer differs from run to run, and what docs/tools.md shows in its place: always the same of its kind. */

/** By the path of a field in the answer; with a number below it, or several in an object. */
const fields: readonly (readonly [RegExp, string | number])[] = [
  [/(?:^|\.)(?:indexed_at|since|hour)$/, '2026-03-02T09:00:00.000Z'],
  [/(?:^|[._])ms(?:\.\w+)?$/, 4],
  [/(?:^|[._])seconds$/, 0.2],
  [/(?:^|[._])per_second$/, 10],
  [/(?:rss|used)_mb$/, 256],
  [/memory\w*(?:\.\w+)?_percent$/, 12.5],
  [/(?:^|\.)index\.size_bytes$/, 80_000],
];

/** Inside of texts. */
const texts: readonly (readonly [RegExp, string])[] = [
  [/shop@g1-[0-9a-f]{8}\.\d+/g, 'shop@g1-5a17c0de.1'],
  [/in \d+\.\d+ seconds/g, 'in 0.2 seconds'],
];

/** Places of this machine, and what stands for each on a server. */
export type Places = readonly (readonly [string, string])[];

/** The answer with what varies made steady. */
export function steady(answer: unknown, places: Places): unknown {
  const walk = (value: unknown, path: string): unknown => {
    if (typeof value === 'string' || typeof value === 'number') {
      const shown = fields.find(([pattern]) => pattern.test(path))?.[1];
      if (shown !== undefined) return shown;
    }
    if (typeof value === 'string') return steadyText(value, places);
    if (Array.isArray(value)) return (path.endsWith('.hours') ? oneHour(value) : value).map((item) => walk(item, path));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, `${path}.${key}`)]));
  };
  return walk(answer, '');
}

/** A run that goes over the full hour has its calls in two; they are shown as those of one. */
function oneHour(hours: readonly Record<string, number>[]): Record<string, number>[] {
  const [first, ...rest] = hours;
  if (first === undefined) return [];
  const sum = (key: string) => rest.reduce((total, hour) => total + (hour[key] ?? 0), first[key] ?? 0);
  return [{ ...first, calls: sum('calls'), errors: sum('errors') }];
}

function steadyText(text: string, places: Places): string {
  const placed = places.reduce((result, [from, to]) => result.replaceAll(from, to), text);
  return texts.reduce((result, [pattern, shown]) => result.replaceAll(pattern, shown), placed);
}
