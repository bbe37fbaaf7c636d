/** Decides which files of a directory are tokens, and which of these are fit to be one. */
import { hash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';

/** A token as it is kept: by its digest only. */
export type TokenEntry = { name: string; digest: Buffer };

/** A file that is no token, and why, without a word of what it holds. */
export type TokenFault = { name: string; fault: string };

export type TokenFiles = { entries: readonly TokenEntry[]; faults: readonly TokenFault[] };

/** 120 bits in base64; what is shorter was not made by a generator of secrets. */
export const minTokenLength = 20;
const maxTokenBytes = 4096;
const maxTokens = 1000;
const tokenForm = /^[\w.~+/-]+=*$/;

/**
 * The digest by which tokens are compared, all of one length. Nobody ever sees one, and with a key in front that only this
 * process knows, nobody can choose one either. (An HMAC would say no more here, and costs fifteen times as much.)
 */
export function digestOf(token: string, key: string): Buffer {
  return hash('sha256', key + token, 'buffer');
}

/**
 * Reads all tokens of a directory, through symlinks, as Kubernetes mounts Secrets; names that begin with a dot are its own.
 * @throws the file system's error when the directory cannot be listed.
 */
export async function readTokenFiles(directory: string, key: string): Promise<TokenFiles> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).toSorted();
  const entries: TokenEntry[] = [];
  const faults: TokenFault[] = [];
  for (const name of names) {
    const found = await readToken(join(directory, name));
    const fault = 'fault' in found ? found.fault : faultOf(found.text, key, entries);
    if (fault !== undefined) faults.push({ name, fault });
    else if ('text' in found) entries.push({ name, digest: digestOf(found.text, key) });
  }
  return { entries, faults };
}

/** Why a text cannot be a token beside those there are; undefined where it can. */
function faultOf(text: string, key: string, others: readonly TokenEntry[]): string | undefined {
  if (text === '') return 'it is empty';
  if (!tokenForm.test(text)) return 'it has characters that a bearer token cannot have';
  if (text.length < minTokenLength) return `it is shorter than ${minTokenLength} characters`;
  if (others.length >= maxTokens) return `there are more than ${maxTokens} tokens`;
  const digest = digestOf(text, key);
  const same = others.find((other) => other.digest.equals(digest));
  return same === undefined ? undefined : `it is the token of ${same.name}, too`;
}

async function readToken(path: string): Promise<{ text: string } | { fault: string }> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat().then((found) => (found.isFile() ? found : { size: -1 }));
      if (size < 0) return { fault: 'it is no file' };
      if (size > maxTokenBytes) return { fault: `it is larger than ${maxTokenBytes} bytes` };
      return { text: (await file.readFile('utf8')).trim() };
    } finally {
      await file.close();
    }
  } catch (error) {
    return { fault: `it cannot be read: ${messageOf(error)}` };
  }
}
