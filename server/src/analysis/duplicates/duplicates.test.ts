/** Decides whether copied code is found: in every place where a naive comparison of all lines finds it, and nowhere else. */
import { describe, expect, test } from 'vitest';
import type { Region } from './extend.ts';
import { findClones } from './find.ts';
import { fingerprint } from './fingerprints.ts';
import { groupClones } from './groups.ts';
import { similarityOf } from './similarity.ts';
import { kindOf, shapeOf, TokenStore, tokenKinds } from './tokens.ts';

const encoder = new TextEncoder();
const storeOf = (files: Readonly<Record<string, string>>, language = 'typescript') => {
  const store = new TokenStore();
  for (const [path, text] of Object.entries(files)) store.addFile(path, language, encoder.encode(text));
  return store;
};
const clones = (
  files: Readonly<Record<string, string>>,
  minSimilarity = 0.8,
  minLines = 10,
  language = 'typescript',
) => {
  const store = storeOf(files, language);
  const { groups } = findClones(store, { minSimilarity, minLines });
  return groups.map(({ similarity, occurrences }) => ({
    similarity,
    places: occurrences.map(({ file, startLine, endLine }) => `${store.files[file]?.path}:${startLine}-${endLine}`),
  }));
};

/** Numbers that look like chance and are the same in every run (Numerical Recipes' generator). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Statements that are unlike each other in names and in form. */
function statements(count: number, seed: number): string[] {
  const next = random(seed);
  const name = () => `name${next(1_000_000)}`;
  const forms = [
    () => `const ${name()} = ${name()}.${name()}(${name()}, ${next(1000)});`,
    () => `if (${name()} > ${next(100)} && !${name()}) return ${name()};`,
    () => `for (const ${name()} of ${name()}.${name()}) ${name()} += ${next(50)} * ${name()};`,
    () => `${name()}[${name()}] = { ${name()}: '${name()}', ${name()} };`,
    () => `while (${name()}.${name()} !== undefined) ${name()}--;`,
    () => `await ${name()}(async () => ${name()} ?? ${name()});`,
    () => `throw new ${name()}(\`\${${name()}} is ${name()}\`);`,
  ];
  return Array.from({ length: count }, () => forms[next(forms.length)]?.() ?? '');
}

const joined = (...parts: string[][]) => `${parts.flat().join('\n')}\n`;

describe('a copy', () => {
  const copied = statements(20, 1);
  const before = statements(15, 2);
  const after = statements(15, 3);
  const around = statements(25, 4);

  test('between two files is found with its exact lines', () => {
    expect(clones({ 'a.ts': joined(before, copied, after), 'b.ts': joined(around, copied) })).toEqual([
      { similarity: 1, places: ['a.ts:16-35', 'b.ts:26-45'] },
    ]);
  });

  test('within one file is found', () => {
    expect(clones({ 'a.ts': joined(copied, around, copied) })).toEqual([
      { similarity: 1, places: ['a.ts:1-20', 'a.ts:46-65'] },
    ]);
  });

  test('in five places is one group', () => {
    const files = Object.fromEntries(
      [5, 6, 7, 8, 9].map((n) => [`${n}.ts`, joined(statements(n, n * 104_729), copied)]),
    );
    const found = clones(files, 0.95);
    expect(found).toHaveLength(1);
    expect(found[0]?.places).toEqual(['5.ts:6-25', '6.ts:7-26', '7.ts:8-27', '8.ts:9-28', '9.ts:10-29']);
  });

  test('with other comments and formatting is the same', () => {
    const reformatted = copied.flatMap((line) => ['  // said otherwise', `    ${line.replaceAll(' = ', '   =   ')}`]);
    const found = clones({ 'a.ts': joined(copied), 'b.ts': joined(reformatted) });
    expect(found).toEqual([{ similarity: 1, places: ['a.ts:1-20', 'b.ts:2-40'] }]);
  });

  test('whose names were all replaced, each by one other, is found at a lower similarity', () => {
    const renamed = copied.map((line) => line.replace(/name(\d+)/g, 'other$1x'));
    const files = { 'a.ts': joined(before, copied, after), 'b.ts': joined(around, renamed) };
    expect(clones(files, 0.95)).toEqual([]);
    const [found, ...others] = clones(files, 0.65);
    expect(others).toEqual([]);
    expect(found?.similarity).toBeGreaterThan(0.65);
    expect(found?.similarity).toBeLessThan(0.95);
    expect(found?.places).toEqual([
      expect.stringMatching(/^a\.ts:1[67]-3[345]$/),
      expect.stringMatching(/^b\.ts:2[67]-4[45]$/),
    ]);
  });

  test('with a statement put in and one taken out stays one', () => {
    const edited = [...copied.slice(0, 7), ...statements(1, 11), ...copied.slice(7, 14), ...copied.slice(15)];
    const [found, ...others] = clones({ 'a.ts': joined(before, copied, after), 'b.ts': joined(around, edited) });
    expect(others).toEqual([]);
    expect(found?.places).toEqual(['a.ts:16-35', 'b.ts:26-45']);
    expect(found?.similarity).toBeGreaterThan(0.88);
    expect(found?.similarity).toBeLessThan(1);
  });

  test('that is shorter than asked for is not told', () => {
    expect(clones({ 'a.ts': joined(copied), 'b.ts': joined(copied) }, 0.8, 21)).toEqual([]);
    expect(clones({ 'a.ts': joined(copied), 'b.ts': joined(copied) }, 0.8, 20)).toHaveLength(1);
  });

  test('of nothing but a licence and imports is none', () => {
    const licence = Array.from({ length: 15 }, (_, i) => ` * Permission number ${i} is hereby granted to everybody.`);
    const imports = Array.from({ length: 15 }, (_, i) => `import { thing${i}, other${i} } from './module${i}.ts';`);
    const head = ['/*', ...licence, ' */', 'import {', '  first,', '  second,', `} from './things.ts';`, ...imports];
    expect(clones({ 'a.ts': joined(head, before), 'b.ts': joined(head, after) }, 0.5)).toEqual([]);
  });

  const phpHead = (imports: number) => [
    '<?php',
    '',
    '/*',
    ' * For the copyright see the LICENSE file.',
    ' */',
    '',
    ...Array.from({ length: imports }, (_, i) => `use Acme\\Part${i};`),
    '',
  ];

  test('below a licence and imports starts where it starts, not with the line above them', () => {
    const files = {
      'a.php': joined(phpHead(30), copied, ['!!!!!!'], before),
      'b.php': joined(phpHead(9), copied, ['&&&&&&'], after),
    };
    expect(clones(files, 0.8, 10, 'php')).toEqual([{ similarity: 1, places: ['a.php:38-57', 'b.php:17-36'] }]);
  });

  test('whose first line opens it, above a long comment, keeps that line', () => {
    const body = ['class Cart {', ...Array.from({ length: 6 }, () => '  // said before'), ...copied, '}'];
    const files = { 'a.ts': joined(body, ['!!!!!!'], before), 'b.ts': joined(body, ['&&&&&&'], after) };
    expect(clones(files)).toEqual([{ similarity: 1, places: ['a.ts:1-28', 'b.ts:1-28'] }]);
  });

  test('of one statement over and over, with other names, is none', () => {
    const loads = (names: number, from: number) =>
      Array.from({ length: names }, (_, i) => `class_exists(Name${from + i}::class);`);
    const files = {
      'a.php': joined(phpHead(60), loads(14, 0), ['', 'class First', '{'], before, ['}']),
      'b.php': joined(phpHead(9), loads(14, 50), ['', 'class Second', '{'], after, ['}']),
    };
    expect(clones(files, 0.8, 10, 'php')).toEqual([]);
  });

  test.each([
    ['python', 'import os', 'from a.b import (', '    c,', ')'],
    ['go', 'import "os"', 'import (', '\t"fmt"', ')'],
    ['rust', 'use std::io;', 'use a::{', '    b,', '};'],
    ['c', '#include <stdio.h>', '#include "a.h"', '', ''],
    ['java', 'package a.b;', 'import c.d;', 'import static e.f;', ''],
  ])('imports of %s are no code', (language, ...lines) => {
    expect(storeOf({ a: joined(lines) }, language).count).toBe(0);
    expect(storeOf({ a: joined(lines, ['x()']) }, language).count).toBe(3);
  });

  test('rows of a table are no copies of each other', () => {
    const rows = Array.from({ length: 200 }, (_, i) => `  [${i}, ${i * 7}, '${i}'],`);
    expect(clones({ 'a.ts': joined(['const table = ['], rows, ['];']) })).toEqual([]);
  });

  test('ends where the definition ends', () => {
    const body = (name: string) => [`function ${name}(one: string) {`, ...copied.map((line) => `  ${line}`), '}'];
    const a = joined(['function first() {', ...before, '}'], body('same'), ['function last() {', ...after, '}']);
    const b = joined(['function zero() {', ...around, '}'], body('same'), [
      'function end() {',
      ...statements(9, 12),
      '}',
    ]);
    expect(clones({ 'a.ts': a, 'b.ts': b })).toEqual([{ similarity: 1, places: ['a.ts:18-39', 'b.ts:28-49'] }]);
  });
});

/** Longest common stretches of lines, each compared with each: slow, and surely right. */
function naive(x: string[], y: string[], minLines: number): { x: number; y: number; length: number }[] {
  const found: { x: number; y: number; length: number }[] = [];
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < y.length; j++) {
      if (x[i] !== y[j] || (i > 0 && j > 0 && x[i - 1] === y[j - 1])) continue;
      let length = 0;
      while (i + length < x.length && x[i + length] === y[j + length]) length++;
      if (length >= minLines) found.push({ x: i + 1, y: j + 1, length });
    }
  }
  return found;
}

test('every stretch that a comparison of all lines finds is found, and none besides', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed * 7919);
    const pool = Array.from({ length: 4 }, (_, i) => statements(10 + next(20), seed * 100 + i));
    const make = (salt: number) =>
      Array.from({ length: 5 }, (_, i) =>
        next(2) === 0 ? (pool[next(4)] as string[]) : statements(5 + next(20), seed * 1000 + salt + i),
      ).flat();
    // Each part once: which of several copies are paired is the grouping's business.
    const unique = (lines: string[]) => lines.filter((line, i) => lines.indexOf(line) === i);
    const [x, y] = [unique(make(1)), unique(make(500))];
    const expected = naive(x, y, 10).map(
      (one) => `x:${one.x}-${one.x + one.length - 1} y:${one.y}-${one.y + one.length - 1}`,
    );
    const found = clones({ x: joined(x), y: joined(y) }, 1).map(({ places }) => places.join(' '));
    expect([seed, found.toSorted()]).toEqual([seed, expected.toSorted()]);
  }
});

/** Best alignment of two stretches: names that differ count as `similarityOf` counts names that stand for several. */
function oracle(values: Int32Array, { a, aEnd, b, bEnd }: Region): number {
  let above = new Float64Array(bEnd - b + 1);
  for (let i = a; i < aEnd; i++) {
    const current = new Float64Array(bEnd - b + 1);
    for (let j = b; j < bEnd; j++) {
      const same = values[i] === values[j] ? 1 : 0;
      current[j - b + 1] = Math.max(above[j - b] as number, 0) + same;
      current[j - b + 1] = Math.max(current[j - b + 1] as number, above[j - b + 1] as number, current[j - b] as number);
    }
    above = current;
  }
  return (2 * (above[bEnd - b] as number)) / (aEnd - a + bEnd - b);
}

test('the similarity of an edited copy is that of the best alignment', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const next = random(seed);
    const original = statements(30, seed + 50);
    // Statements are left out, put in and replaced: whole ones, so that no token is merely renamed.
    const edited = original.flatMap((line, i) => {
      const change = i % 5 === 2 ? next(2) : 2;
      if (change === 0) return [];
      return change === 1
        ? [line, `${'!'.repeat(3)}${line.length}`]
        : [line, ...(i % 31 === 30 ? statements(1, seed) : [])];
    });
    const store = storeOf({ a: joined(original), b: joined(edited) });
    const pairs = findClones(store, { minSimilarity: 0.7, minLines: 10 }).groups;
    expect([seed, pairs.length]).toEqual([seed, 1]);
    const [a, b] = store.files;
    const whole = { a: a?.start ?? 0, aEnd: a?.end ?? 0, b: b?.start ?? 0, bEnd: b?.end ?? 0, runs: [] };
    expect(Math.abs((pairs[0]?.similarity ?? 0) - oracle(store.values, whole))).toBeLessThan(0.06);
  }
});

describe('similarityOf', () => {
  const region = (x: string, y: string): { values: Int32Array; region: Region } => {
    const store = storeOf({ x, y });
    const border = store.files[0]?.end ?? 0;
    const runs = [{ a: 0, b: border, length: border }];
    return { values: store.values, region: { a: 0, aEnd: border, b: border, bEnd: store.count, runs } };
  };
  const similarity = (x: string, y: string) => {
    const made = region(x, y);
    return similarityOf(made.values, made.region);
  };

  test('is 1 for the same, and falls from consistent renaming to names that differ anyhow', () => {
    const same = similarity('a = b + a * b', 'a = b + a * b');
    const consistent = similarity('a = b + a * b', 'x = y + x * y');
    const anyhow = similarity('a = b + a * b', 'x = y + z * w');
    expect(same).toBe(1);
    expect(consistent).toBeLessThan(same);
    expect(anyhow).toBeLessThan(consistent);
    expect(similarity('x = y + x * y', 'a = b + a * b')).toBeCloseTo(consistent);
  });
});

describe('fingerprint', () => {
  test('every run of one shape of gram + window - 1 tokens shares one', () => {
    const sizes = { gram: 8, window: 5 };
    const shared = statements(3, 21);
    const store = storeOf({ a: joined(statements(9, 22), shared), b: joined(shared, statements(9, 23)) });
    const { hashes, at, count } = fingerprint(store, sizes);
    const border = store.files[0]?.end ?? 0;
    const hashesOf = (inFirst: boolean) =>
      new Set([...hashes.subarray(0, count)].filter((_, i) => (at[i] as number) < border === inFirst));
    const common = [...hashesOf(true)].filter((hash) => hashesOf(false).has(hash));
    expect(common.length).toBeGreaterThan(0);
    expect([...hashes.subarray(0, count)]).toEqual([...hashes.subarray(0, count)].sort((x, y) => x - y));
  });
});

describe('tokens', () => {
  test('names, literals and fixed words are told apart, with their lines', () => {
    const store = storeOf({ a: 'const x = "a" // c\n  + 12\n' });
    expect([...store.values.subarray(0, store.count)].map(kindOf)).toEqual([
      tokenKinds.fixed,
      tokenKinds.name,
      tokenKinds.fixed,
      tokenKinds.literal,
      tokenKinds.fixed,
      tokenKinds.literal,
    ]);
    expect([...store.lines.subarray(0, store.count)]).toEqual([1, 1, 1, 1, 2, 2]);
    expect(shapeOf(store.values[1] as number)).toBe(tokenKinds.name);
  });
});

describe('groupClones', () => {
  const place = (file: number, startLine: number, endLine: number) => ({ file, startLine, endLine, from: 0, to: 1 });

  test('what lies inside a finding before is not told again', () => {
    const groups = groupClones([
      { first: place(0, 1, 100), second: place(1, 1, 100), similarity: 1 },
      { first: place(0, 10, 30), second: place(1, 10, 30), similarity: 1 },
      { first: place(0, 10, 30), second: place(2, 5, 25), similarity: 0.9 },
    ]);
    expect(groups.map(({ occurrences }) => occurrences.length)).toEqual([2, 3]);
  });

  test('places that overlap in one file are one', () => {
    const groups = groupClones([
      { first: place(0, 1, 20), second: place(1, 1, 20), similarity: 1 },
      { first: place(0, 2, 21), second: place(2, 1, 20), similarity: 0.9 },
    ]);
    expect(groups).toMatchObject([
      { similarity: 0.9, lines: 20, occurrences: [{ file: 0 }, { file: 1 }, { file: 2 }] },
    ]);
  });
});
