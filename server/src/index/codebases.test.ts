import { describe, expect, test } from 'vitest';
import { CodeSageError } from '../errors.ts';
import type { Codebase } from './codebase.ts';
import { CodebaseDirectory } from './codebases.ts';
import { choosePublished } from './read-published.ts';

type State = 'opening' | 'closed' | 'empty' | 'failed' | 'searchable';

/** As much of a codebase as questions look at before they read it. */
function codebase(name: string, state: State, opened = Promise.resolve()): Codebase {
  const failure = state === 'failed' ? new CodeSageError('IndexCorrupted', 'It is broken.', 'Mend it.') : undefined;
  const store = { failure, snapshot: state === 'searchable' ? {} : undefined };
  const phase = state === 'opening' || state === 'closed' ? state : 'open';
  return { name, phase, opened, store, config: { name }, status: () => ({}) } as unknown as Codebase;
}

const never = new Promise<void>(() => {});

describe('a codebase that is being opened', () => {
  test('[index.restart-answers] is waited for until it is open', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const directory = new CodebaseDirectory([codebase('shop', 'opening', promise)], 60_000);
    let isOver = false;
    const waiting = directory.whenOpen(['shop']).then(() => {
      isOver = true;
    });
    await Promise.resolve();
    expect(isOver).toBe(false);
    resolve();
    await waiting;
  });

  test('[index.restart-answers] is waited for so long only, and then told to be opening, not to be empty', async () => {
    const directory = new CodebaseDirectory([codebase('shop', 'opening', never)], 1);
    await directory.whenOpen(['shop']);
    expect(() => choosePublished(directory, ['shop'])).toThrow('The index of "shop" is still being opened.');
  });

  test('is not waited for by a caller who gave up', async () => {
    const directory = new CodebaseDirectory([codebase('shop', 'opening', never)], 60_000);
    const caller = new AbortController();
    const waiting = directory.whenOpen([], caller.signal);
    caller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'Cancelled' });
    await expect(directory.whenOpen([], caller.signal)).rejects.toMatchObject({ code: 'Cancelled' });
  });

  test('is not waited for by a question about another', async () => {
    const directory = new CodebaseDirectory(
      [codebase('shop', 'opening', never), codebase('web', 'searchable')],
      60_000,
    );
    await directory.whenOpen(['web']);
  });
});

describe('a question about all codebases', () => {
  const all = [
    codebase('a', 'searchable'),
    codebase('b', 'opening', never),
    codebase('c', 'empty'),
    codebase('d', 'failed'),
  ];

  test('[index.restart-answers] reads those that can be searched and names the others', () => {
    const directory = new CodebaseDirectory(all);
    const chosen = choosePublished(directory, []).map((one) => one.codebase);
    expect(chosen.map(({ name }) => name)).toEqual(['a']);
    expect(directory.absentNotice([], new Set(chosen))).toBe(
      'Not searched: b (its index is still being opened), c (it has no index yet), d (its index failed: IndexCorrupted). See get_index_status.',
    );
    expect(directory.absentNotice(['a'], new Set(chosen))).toBeUndefined();
    expect(directory.absentNotice([], new Set(all))).toBeUndefined();
  });

  test('is cancelled once the server stops', () => {
    const directory = new CodebaseDirectory([codebase('shop', 'closed')]);
    expect(() => choosePublished(directory, [])).toThrow('The server is stopping.');
  });
});
