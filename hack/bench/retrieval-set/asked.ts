/** Decides what people ask of these packages: questions written by hand, with the files that answer them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `ends`: ends of the paths of the files that answer it. */
export type AskedQuestion = { text: string; ends: string[] };

/** Questions by the package's name. The format is told in the file itself. */
export function parseAsked(text: string): Map<string, AskedQuestion[]> {
  const byPackage = new Map<string, AskedQuestion[]>();
  let current: AskedQuestion[] | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) {
      current = [];
      byPackage.set(line.slice(3).trim(), current);
      continue;
    }
    const [question, ends] = line.split(' | ');
    if (current === undefined || question === undefined || ends === undefined || line.startsWith('# ')) continue;
    current.push({ text: question.trim(), ends: ends.split(',').map((end) => end.trim()) });
  }
  return byPackage;
}

export function readAsked(): Map<string, AskedQuestion[]> {
  return parseAsked(readFileSync(join(import.meta.dirname, 'questions.txt'), 'utf8'));
}

/** The paths that an answer's ends stand for. Throws when there is no such file: then the question is about another release. */
export function pathsOf({ text, ends }: AskedQuestion, paths: readonly string[]): string[] {
  return ends.flatMap((end) => {
    const found = paths.filter((path) => path === end || path.endsWith(`/${end}`));
    if (found.length === 0) throw new Error(`No file ends in ${end}, which should answer "${text}".`);
    return found;
  });
}
