/** Decides whether a question is asked again exactly when another version could answer it. */
import { describe, expect, test } from 'vitest';
import { CodeSageError, type ErrorCode } from '../errors.ts';
import { retryingOnce, retryOnce } from './retry-once.ts';

/** Versions of which `newer` are found when somebody looks. */
function served(...newer: string[]) {
  let version = 'g1';
  return {
    looks: 0,
    current: () => version,
    async catchUp() {
      this.looks += 1;
      version = newer.shift() ?? version;
    },
    replace: (next: string) => {
      version = next;
    },
  };
}

const fault = (code: ErrorCode) => new CodeSageError(code, 'It failed.', 'Try again.');

/** Fails with these, one after the other, then answers. */
function question(...faults: unknown[]) {
  const asked = { times: 0 };
  const ask = async () => {
    const next = faults[asked.times++];
    if (next !== undefined) throw next;
    return 'answer';
  };
  return { asked, ask };
}

describe('a question', () => {
  test('[replicas.survive] that failed over data that is gone is asked again of what is newer', async () => {
    const versions = served('g2');
    const { asked, ask } = question(fault('IndexCorrupted'));
    expect(await retryOnce(versions, ask)).toBe('answer');
    expect([asked.times, versions.looks]).toEqual([2, 1]);
  });

  test('[replicas.survive] that failed while a newer version came is asked again without a look', async () => {
    const versions = served();
    const asking = retryOnce(versions, async () => {
      if (versions.current() === 'g2') return 'answer';
      versions.replace('g2');
      throw fault('Internal');
    });
    expect(await asking).toBe('answer');
    expect(versions.looks).toBe(0);
  });

  test('that fails a second time fails', async () => {
    const versions = served('g2', 'g3');
    const { asked, ask } = question(fault('IndexCorrupted'), fault('IndexCorrupted'));
    await expect(retryOnce(versions, ask)).rejects.toMatchObject({ code: 'IndexCorrupted' });
    expect(asked.times).toBe(2);
  });

  test('that failed where nothing is newer fails', async () => {
    const { asked, ask } = question(new Error('lance error: Not found'));
    await expect(retryOnce(served(), ask)).rejects.toThrow('Not found');
    expect(asked.times).toBe(1);
  });

  test.each<ErrorCode>(['InvalidArgument', 'FileNotFound', 'Cancelled', 'Busy'])(
    'that ended with %s is not asked again',
    async (code) => {
      const versions = served('g2');
      const { asked, ask } = question(fault(code));
      await expect(retryOnce(versions, ask)).rejects.toMatchObject({ code });
      expect([asked.times, versions.looks]).toEqual([1, 0]);
    },
  );
});

test('every method of an object is asked again, with its arguments and its own state', async () => {
  class Counter {
    #calls = 0;
    async add(by: number): Promise<number> {
      this.#calls += by;
      if (this.#calls === by) throw fault('IndexCorrupted');
      return this.#calls;
    }
  }
  expect(await retryingOnce(served('g2'), new Counter()).add(3)).toBe(6);
});
