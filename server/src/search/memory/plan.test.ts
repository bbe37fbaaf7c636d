import { expect, test } from 'vitest';
import { chooseMerge, coverageOf, type SegmentFile } from './plan.ts';

const file = (path: string, hash = 1, readAt = 10, chunks = 2): SegmentFile => ({ path, hash, readAt, chunks });
const published = (...files: SegmentFile[]) => new Map(files.map(({ path, ...rest }) => [path, rest]));

test.each([
  {
    name: 'a file that no segment has is missing',
    segments: [[file('a')]],
    now: [file('a'), file('b')],
    live: [[0]],
    missing: ['b'],
  },
  {
    name: 'a changed file is dead in the old segment and missing',
    segments: [[file('a'), file('b')]],
    now: [file('a', 2), file('b')],
    live: [[1]],
    missing: ['a'],
  },
  {
    name: 'a file that went back to an old content is another row, so the old one stays dead',
    segments: [[file('a', 1, 10)]],
    now: [file('a', 1, 20)],
    live: [[]],
    missing: ['a'],
  },
  { name: 'a deleted file is dead', segments: [[file('a'), file('b')]], now: [file('b')], live: [[1]], missing: [] },
  {
    name: 'of two segments with the same file the first one serves',
    segments: [[file('a')], [file('a'), file('b')]],
    now: [file('a'), file('b')],
    live: [[0], [1]],
    missing: [],
  },
  {
    name: 'a file whose chunks are not all in the segment is missing',
    segments: [[file('a', 1, 10, 1)]],
    now: [file('a')],
    live: [[]],
    missing: ['a'],
  },
  { name: 'a file without chunks needs no segment', segments: [], now: [file('a', 1, 10, 0)], live: [], missing: [] },
])('$name', ({ segments, now, live, missing }) => {
  const coverage = coverageOf(segments, published(...now));
  expect(coverage.live.map((numbers) => [...numbers])).toEqual(live);
  expect(coverage.missing).toEqual(missing);
});

const size = (name: string, live: number, chunks = live) => ({ name, live, chunks });

test.each([
  { name: 'one segment is left alone', sizes: [size('1', 60_000)], merged: [] },
  { name: 'a small segment beside a large one is left alone', sizes: [size('1', 60_000), size('2', 40)], merged: [] },
  {
    name: 'segments of a size are joined',
    sizes: [size('1', 60_000), size('2', 40), size('3', 50)],
    merged: ['2', '3'],
  },
  {
    name: 'small ones take larger ones along step by step',
    sizes: [size('1', 60_000), size('2', 300), size('3', 40), size('4', 50)],
    merged: ['3', '4', '2'],
  },
  { name: 'no more chunks are joined than can be numbered', sizes: [size('1', 60_000), size('2', 50_000)], merged: [] },
  { name: 'a segment that is mostly dead is written anew', sizes: [size('1', 20_000, 60_000)], merged: ['1'] },
])('$name', ({ sizes, merged }) => {
  expect(chooseMerge(sizes)).toEqual(merged);
});

test('an index that grows by one file a hundred times keeps few segments and rewrites little', () => {
  let sizes = [size('0', 60_000)];
  let rewritten = 0;
  let most = 0;
  for (let run = 1; run <= 100; run++) {
    sizes.push(size(String(run), 10));
    const merging = new Set(chooseMerge(sizes));
    if (merging.size > 0) {
      const total = sizes.filter(({ name }) => merging.has(name)).reduce((sum, { live }) => sum + live, 0);
      rewritten += total;
      sizes = [...sizes.filter(({ name }) => !merging.has(name)), size(`m${run}`, total)];
    }
    most = Math.max(most, sizes.length);
  }
  expect(most).toBeLessThanOrEqual(6);
  expect(rewritten).toBeLessThan(100 * 10 * 40);
});
