/** Decides how tests of exact search get published texts without an index: from a table of paths and texts. */
import { pino } from 'pino';
import { PublishedTexts, type TextSource } from '../search/published-texts.ts';

/** A version with these files; equal texts have equal hashes. */
export function textSource(version: string, files: Readonly<Record<string, string>>): TextSource & { read: string[] } {
  const read: string[] = [];
  return {
    version,
    read,
    hashes: async () => new Map(Object.entries(files)),
    texts: async function* (paths) {
      for (const [path, text] of Object.entries(files)) {
        if (paths?.includes(path) === false) continue;
        read.push(path);
        yield [{ path, hash: text, content: Buffer.from(text) }];
      }
    },
  };
}

export function publishedTexts(codebase: string, directory: string): PublishedTexts {
  return new PublishedTexts(codebase, directory, pino({ level: 'silent' }));
}
