import { describe, expect, test } from 'vitest';
import { EmbedQueue, type FinishedRequest } from './embed-queue.ts';
import type { EmbedRequest } from './thread-protocol.ts';

const [a, b] = [{ port: 'a' }, { port: 'b' }];
const documents = (id: number, ...texts: string[]): EmbedRequest => ({ id, kind: 'document', texts });
const query = (id: number, text: string): EmbedRequest => ({ id, kind: 'query', texts: [text] });

/** Takes the next piece, with the length of each text as its vector. */
function step(queue: EmbedQueue): { texts: (string | undefined)[]; finished: FinishedRequest | undefined } | undefined {
  const piece = queue.next();
  if (piece === undefined) return undefined;
  const texts = piece.indexes.map((i) => piece.request.texts[i]);
  const finished = queue.finish(
    piece,
    Float32Array.from(texts, (text) => text?.length ?? -1),
  );
  return { texts, finished };
}

describe('the embedding queue', () => {
  test('takes texts of like length together and answers in the order of the request', () => {
    const queue = new EmbedQueue(1, 2);
    queue.add(a, documents(1, 'cccc', 'a', 'bb'));
    expect(step(queue)).toEqual({ texts: ['a', 'bb'], finished: undefined });
    expect(step(queue)).toEqual({
      texts: ['cccc'],
      finished: { owner: a, id: 1, vectors: Float32Array.of(4, 1, 2) },
    });
    expect(step(queue)).toBeUndefined();
  });

  test('takes few long texts at once, so that no query waits long', () => {
    const queue = new EmbedQueue(1, 8);
    const [short, long] = ['x'.repeat(100), 'y'.repeat(1500)];
    queue.add(a, documents(1, long, short, long, long, short));
    const pieces: number[] = [];
    for (let piece = step(queue); piece !== undefined; piece = step(queue)) pieces.push(piece.texts.length);
    expect(pieces).toEqual([2, 2, 1]);
  });

  test('[embedding.query-first] lets a query go between two pieces of what came before it', () => {
    const queue = new EmbedQueue(1, 1);
    queue.add(a, documents(1, 'first', 'second'));
    expect(step(queue)?.texts).toEqual(['first']);
    queue.add(b, query(1, 'which?'));
    expect(step(queue)?.finished).toMatchObject({ owner: b, id: 1 });
    expect(step(queue)?.finished).toMatchObject({ owner: a, id: 1 });
  });

  test('[embedding.query-first] callers that never pause do not stop indexing', () => {
    const queue = new EmbedQueue(1, 1);
    queue.add(a, documents(1, 'one', 'two'));
    let queries = 0;
    let finished = false;
    while (!finished && queries < 100) {
      queue.add(b, query(queries++, 'again?'));
      finished = step(queue)?.finished?.owner === a;
    }
    expect(queries).toBe(10);
  });

  test('forgets a cancelled request of one port and keeps that of another with the same number', () => {
    const queue = new EmbedQueue(1, 1);
    queue.add(a, documents(1, 'mine'));
    queue.add(b, documents(1, 'yours'));
    queue.drop(a, 1);
    expect(step(queue)?.texts).toEqual(['yours']);
    expect(step(queue)).toBeUndefined();
  });

  test('forgets all of a port that closed, a piece under way included', () => {
    const queue = new EmbedQueue(1, 1);
    queue.add(a, documents(1, 'one', 'two'));
    queue.add(a, documents(2, 'three'));
    const piece = queue.next();
    queue.drop(a);
    expect(piece && queue.finish(piece, Float32Array.of(3))).toBeUndefined();
    expect(queue.next()).toBeUndefined();
  });
});
