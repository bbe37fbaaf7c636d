import { describe, expect, test } from 'vitest';
import { ThreadLost, withCare } from './suspects.ts';
import type { FileToRead } from './worker-protocol.ts';

const files = ['a', 'b', 'c'].map((path): FileToRead => ({ path, sizeBytes: 1, mtimeMs: 1 }));
const careOf = (batch: readonly FileToRead[]) =>
  batch.map(({ care }) => (care === undefined ? '' : care.leaveOut ? 'out' : care.problem));

/** Tries a batch of which `fails` says where its thread is lost. */
async function outcome(fails: (batch: readonly FileToRead[]) => ThreadLost | undefined) {
  const tries: string[][] = [];
  const told: string[] = [];
  const attempt = async (batch: readonly FileToRead[]) => {
    tries.push(careOf(batch));
    const lost = fails(batch);
    if (lost !== undefined) throw lost;
    return batch;
  };
  const answer = await withCare(files, attempt, (path, problem) => told.push(`${path} ${problem}`));
  return { tries, told, answer: careOf(answer) };
}

describe('[index.parser-faults] a batch whose thread is lost', () => {
  test('is tried once when nothing is wrong', async () => {
    expect(await outcome(() => undefined)).toEqual({ tries: [['', '', '']], told: [], answer: ['', '', ''] });
  });

  test('is tried again without the syntax of the file that hung', async () => {
    const { tries, told, answer } = await outcome((batch) =>
      batch[1]?.care === undefined ? new ThreadLost('TimedOut', 1) : undefined,
    );
    expect(tries).toHaveLength(2);
    expect(answer).toEqual(['', 'TimedOut', '']);
    expect(told).toEqual(['b TimedOut']);
  });

  test('leaves a file out that fails without its syntax, too', async () => {
    const { answer, told } = await outcome((batch) =>
      batch[2]?.care?.leaveOut === true ? undefined : new ThreadLost('Crashed', 2),
    );
    expect(answer).toEqual(['', '', 'out']);
    expect(told).toEqual(['c Crashed', 'c Crashed']);
  });

  test('takes less of all files when none is suspect', async () => {
    const { answer } = await outcome((batch) =>
      batch[0]?.care === undefined ? new ThreadLost('Crashed', undefined) : undefined,
    );
    expect(answer).toEqual(['Crashed', 'Crashed', 'Crashed']);
  });

  test('gives up when nothing is left to take away, after a bounded number of tries', async () => {
    let tries = 0;
    const always = async () => {
      tries++;
      throw new ThreadLost('Crashed', tries % 3);
    };
    await expect(withCare(files, always, () => {})).rejects.toThrow('the thread died');
    expect(tries).toBe(2 * files.length + 1);
  });

  test('other failures are told as they are', async () => {
    const fails = async () => {
      throw new Error('no disk');
    };
    await expect(withCare(files, fails, () => {})).rejects.toThrow('no disk');
  });
});
