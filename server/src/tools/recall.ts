/**
 * Decides which answers are given again without asking the tool: those whose tool said how to find out that it would give
 * the same. The call is then worth some microseconds, since its arguments were checked and its JSON was written before.
 */
import { LRUCache } from 'lru-cache';
import type { Engine } from '../engine.ts';
import { type Piece, piece, pieceToKeep, WrittenResult } from './answer-json.ts';

/** True as long as the tool would give the very answer again, but for `took_ms`. It counts what an answer from memory counts. */
export type Again = () => boolean;

type Kept = { again: Again; answer: Record<string, unknown>; head: Piece };

/** Characters of kept answers, of one view: each is there three times. */
const mostCharacters = 8 * 1024 * 1024;
/** Longer arguments are looked up as slowly as they are worked on. */
const longestKey = 4000;

/** Answers by what a caller sees: another view, other answers. */
export class Recall {
  readonly #byView = new WeakMap<Engine, LRUCache<string, Kept>>();

  /** The answer to this call, with the time that it took to find it. */
  find(view: Engine, tool: string, args: unknown, startedAt: number, now: () => number): WrittenResult | undefined {
    const answers = this.#byView.get(view);
    const key = answers === undefined ? undefined : keyOf(tool, args);
    const kept = key === undefined ? undefined : answers?.get(key);
    if (kept === undefined || !kept.again()) return undefined;
    const ms = now() - startedAt;
    const { head, answer } = kept;
    const tail = piece(`,"took_ms":${ms}}`);
    return new WrittenResult({ ...answer, took_ms: ms }, { text: head.text + tail.text, pieces: [head, tail] });
  }

  /** Keeps an answer that the tool just gave. */
  keep(view: Engine, tool: string, args: unknown, again: Again, result: WrittenResult): void {
    const key = keyOf(tool, args);
    const written = WrittenResult.of(result);
    if (key === undefined || written === undefined) return;
    const { took_ms: _, ...answer } = result.structuredContent;
    let answers = this.#byView.get(view);
    if (answers === undefined) {
      answers = new LRUCache<string, Kept>({
        maxSize: mostCharacters,
        sizeCalculation: ({ head }) => 3 * head.text.length,
      });
      this.#byView.set(view, answers);
    }
    // Without the brace at its end, which the time has behind it.
    const head = pieceToKeep(JSON.stringify(answer).slice(0, -1));
    answers.set(key, { again, answer, head });
  }
}

function keyOf(tool: string, args: unknown): string | undefined {
  const key = `${tool} ${JSON.stringify(args)}`;
  return key.length <= longestKey ? key : undefined;
}
