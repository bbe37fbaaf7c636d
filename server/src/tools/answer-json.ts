/** Decides how answers become JSON: once, and the parts that a cache gives again and again are checked and written one time for all. */
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';

type Answer = Record<string, unknown>;

/**
 * JSON as text, and twice in ASCII: as it is, and as it stands inside of a JSON string. ASCII goes into a socket as it
 * lies in memory, which for an answer with a single character beyond Latin-1 takes a tenth of the time.
 */
export type Piece = { text: string; json: string; escaped: string };

/** An answer as JSON. `pieces` are there where parts of it were written before: together they are the text. */
export type WrittenAnswer = { text: string; pieces?: readonly Piece[] };

/** Characters of kept parts, all together; the least recently used go first. */
const mostCharacters = 16 * 1024 * 1024;

/** Parts as tools give them, and what their schemas made of them: the same object again, so that it is known again. */
const kept = new WeakSet<object>();
const checkedParts = new WeakMap<object, object>();
const writtenParts = new LRUCache<object, Piece>({
  maxSize: mostCharacters,
  sizeCalculation: ({ text, json, escaped }) => text.length + json.length + escaped.length,
});
/** Schemas of what is left of answers whose kept parts were checked before, by the names of those. */
const restSchemas = new WeakMap<z.ZodObject, Map<string, z.ZodObject>>();

/** Says of a field's value that the same object will be given again, and never be changed. Worth it from some hundred bytes on. */
export function keepPart<T extends object>(part: T): T {
  kept.add(part);
  return part;
}

/** What the schema makes of an answer; a kept part is looked at the first time only. @throws ZodError */
export function checkAnswer<O extends z.ZodObject>(schema: O, answer: z.input<O>): Answer {
  const given: Answer = answer;
  const known = Object.keys(given).filter((field) => checkedPart(given[field]) !== undefined);
  // An answer has one kept part, or new ones only.
  if (known.length === 0) return rememberParts(given, schema.parse(given) as Answer);
  const rest = { ...given };
  for (const field of known) delete rest[field];
  const checked = restSchema(schema, known).parse(rest) as Answer;
  for (const field of known) checked[field] = checkedPart(given[field]);
  return checked;
}

function rememberParts(given: Answer, checked: Answer): Answer {
  for (const [field, part] of Object.entries(given)) {
    const value = checked[field];
    if (isKept(part) && isObject(value)) {
      checkedParts.set(part, value);
      kept.add(value);
    }
  }
  return checked;
}

function checkedPart(part: unknown): object | undefined {
  return isKept(part) ? checkedParts.get(part) : undefined;
}

function restSchema(schema: z.ZodObject, without: readonly string[]): z.ZodObject {
  const schemas = restSchemas.get(schema) ?? new Map<string, z.ZodObject>();
  restSchemas.set(schema, schemas);
  const key = without.join();
  const mask = Object.fromEntries(without.map((field) => [field, true])) as Parameters<typeof schema.omit>[0];
  const made = schemas.get(key) ?? schema.omit(mask);
  schemas.set(key, made);
  return made;
}

/** The result of a tool that went well, as the protocol has it: the answer as text and as an object. It remembers its JSON. */
export class WrittenResult {
  readonly content: [{ type: 'text'; text: string }];
  readonly structuredContent: Answer;
  readonly #written: WrittenAnswer;

  constructor(answer: Answer, written: WrittenAnswer) {
    this.content = [{ type: 'text', text: written.text }];
    this.structuredContent = answer;
    this.#written = written;
  }

  /** The JSON of the answer, where `writeAnswer` made the result. */
  static of(result: object): WrittenAnswer | undefined {
    return #written in result ? result.#written : undefined;
  }
}

/** Writes a checked answer. It must not be changed from here on. */
export function writeAnswer(answer: Answer): WrittenResult {
  const written = Object.values(answer).some(isKept) ? joined(piecesOf(answer)) : { text: JSON.stringify(answer) };
  return new WrittenResult(answer, written);
}

function piecesOf(answer: Answer): Piece[] {
  const pieces: Piece[] = [];
  let open = '{';
  let comma = '';
  for (const [field, value] of Object.entries(answer)) {
    if (value === undefined) continue;
    open += `${comma}${JSON.stringify(field)}:`;
    comma = ',';
    if (isKept(value)) {
      pieces.push(piece(open), writtenPart(value));
      open = '';
    } else open += JSON.stringify(value);
  }
  pieces.push(piece(`${open}}`));
  return pieces;
}

function joined(pieces: readonly Piece[]): WrittenAnswer {
  return { text: pieces.reduce((text, next) => text + next.text, ''), pieces };
}

function writtenPart(part: object): Piece {
  const known = writtenParts.get(part);
  if (known !== undefined) return known;
  const made = pieceToKeep(JSON.stringify(part));
  writtenParts.set(part, made);
  return made;
}

/** A piece of JSON that is used again and again. */
export function pieceToKeep(text: string): Piece {
  const json = inBytes(inAscii(text));
  return { text, json, escaped: inBytes(JSON.stringify(json).slice(1, -1)) };
}

/** A piece of JSON. */
export function piece(text: string): Piece {
  const json = inAscii(text);
  return { text, json, escaped: JSON.stringify(json).slice(1, -1) };
}

/** The same JSON, with escapes for all that is not ASCII. */
function inAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same ASCII, a byte a character: cut from a text with any character beyond Latin-1, it takes two, and is converted at each use. */
function inBytes(ascii: string): string {
  return Buffer.from(ascii, 'latin1').toString('latin1');
}

function isKept(value: unknown): value is object {
  return isObject(value) && kept.has(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
