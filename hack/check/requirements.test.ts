import { describe, expect, test } from 'vitest';
import {
  citationsIn,
  faultsOf,
  type Requirement,
  requirementSchema,
  runbookSections,
  summaryOf,
} from './requirements.ts';

const sections: Requirement[] = runbookSections.map((section) => ({
  id: `runbook-${section}`,
  source: `runbook ${section}`,
  behaviour: 'the section can be followed',
  met: 'planned',
  reason: 'not built yet',
}));
const built = (id: string): Requirement => ({
  id,
  source: 'design 3',
  behaviour: 'something is to be seen',
  met: 'built',
});
const planned = (id: string): Requirement => ({
  id,
  source: 'design 3',
  behaviour: 'something is to be seen',
  met: 'planned',
  reason: 'backups',
});

describe('[proof.requirements] faultsOf', () => {
  const citation = { id: 'area.slug', file: 'a.test.ts' };
  test.each([
    { name: 'a built id that a test cites is well', list: [built('area.slug')], cited: [citation], fault: undefined },
    { name: 'a planned id that no test cites is well', list: [planned('area.slug')], cited: [], fault: undefined },
    {
      name: 'a built id that no test cites is a fault',
      list: [built('area.slug')],
      cited: [],
      fault: /area\.slug: said to be built/,
    },
    {
      name: 'a planned id that a test cites is a fault',
      list: [planned('area.slug')],
      cited: [citation],
      fault: /area\.slug: planned, yet a\.test\.ts/,
    },
    {
      name: 'an id that only a test knows is a fault',
      list: [],
      cited: [citation],
      fault: /area\.slug: cited in a\.test\.ts but not listed/,
    },
    {
      name: 'an id listed twice is a fault',
      list: [planned('area.slug'), planned('area.slug')],
      cited: [],
      fault: /listed twice/,
    },
  ])('$name', ({ list, cited, fault }) => {
    const faults = faultsOf([...sections, ...list], cited);
    if (fault === undefined) expect(faults).toEqual([]);
    else expect(faults).toEqual([expect.stringMatching(fault)]);
  });

  test('a section of the runbook without an entry is a fault', () => {
    expect(faultsOf(sections.slice(1), [])).toEqual([expect.stringContaining('runbook-1.1: the section has no entry')]);
  });
});

describe('citationsIn', () => {
  // Put together here, so that the check does not take these ids for citations of this file.
  const nameOf = (ids: string[]) => `${ids.map((id) => `[${id}]`).join(' ')} does it`;
  test.each([
    { quote: "'", ids: ['area.slug'] },
    { quote: '"', ids: ['runbook-10.2', 'server.both-eras'] },
    { quote: '`', ids: ['area.slug'] },
  ])('finds $ids at the start of a name in $quote', ({ quote, ids }) => {
    const text = `  test.each(table)(${quote}${nameOf(ids)}${quote}, () => {});`;
    expect(citationsIn('a.test.ts', text)).toEqual(ids.map((id) => ({ id, file: 'a.test.ts' })));
  });

  test.each(['reads values[a.b] of a record', 'does [sic] it', '[0] is the first', '[a-c]x'])(
    'finds nothing in: %s',
    (name) => {
      expect(citationsIn('a.test.ts', `test('${name}', () => {});`)).toEqual([]);
    },
  );
});

describe('requirementSchema', () => {
  test.each([
    { name: 'planned without a reason', entry: { ...built('area.slug'), met: 'planned' } },
    { name: 'an id without an area', entry: built('slug') },
    { name: 'a field that means nothing', entry: { ...built('area.slug'), owner: 'me' } },
  ])('refuses $name', ({ entry }) => {
    expect(requirementSchema.safeParse(entry).success).toBe(false);
  });
});

test('the summary counts what is built and what is planned', () => {
  expect(summaryOf([built('a.b'), planned('a.c'), planned('a.d')])).toBe(
    '3 requirements: 1 built and proved by tests, 2 planned',
  );
});
