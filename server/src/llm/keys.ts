/** Decides which key a provider has at this moment: from a client's own request, its file as it is now, or its environment variable. */
import { open } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import type { LlmProviderName, LlmSettings } from '../contract.ts';
import type { KeyOrigin } from './port.ts';
import { providerFacts } from './providers.ts';

export type Key = { value: string; from: KeyOrigin };
/** `problem` says why a named file gives no key. */
export type KeyLookup = { key?: Key; problem?: string };

export type KeyStore = {
  /** The key to use for a call of this client. Looks at the file each time, and reads it when it is another one. */
  find(provider: LlmProviderName, caller?: string): Promise<KeyLookup>;
  /** Keeps a key of this client in memory. */
  keep(provider: LlmProviderName, value: string, caller?: string): void;
};

export type KeyStoreOptions = {
  settings: () => LlmSettings;
  env: Readonly<Record<string, string | undefined>>;
  /** Told when a file's key became another one. */
  onChange: (provider: LlmProviderName) => void;
};

/** Keys that clients gave; the least used go first. */
const mostKept = 1000;
const mostBytes = 4096;

/** A key as a header can carry it. What is none must never reach the HTTP library, whose error would quote it. */
export function isUsableKey(text: string): boolean {
  return /^[\x21-\x7e]{8,1000}$/.test(text);
}

type FileState = { identity: string; lookup: KeyLookup };

export function createKeyStore({ settings, env, onChange }: KeyStoreOptions): KeyStore {
  const files = new Map<string, FileState>();
  const kept = new LRUCache<string, string>({ max: mostKept });
  const keptName = (provider: LlmProviderName, caller = '') => `${provider}\n${caller}`;

  async function fromFile(provider: LlmProviderName, path: string): Promise<KeyLookup> {
    const before = files.get(path);
    const state = await readKeyFile(path, before);
    files.set(path, state);
    if (before !== undefined && before.lookup.key?.value !== state.lookup.key?.value) onChange(provider);
    return state.lookup;
  }

  return {
    async find(provider, caller) {
      const { allowKeysFromRequests, providers } = settings();
      const own = allowKeysFromRequests ? kept.get(keptName(provider, caller)) : undefined;
      if (own !== undefined) return { key: { value: own, from: 'request' } };
      const file = providers.find(({ name }) => name === provider)?.apiKeyFile;
      if (file !== undefined) return fromFile(provider, file);
      const variable = providerFacts[provider].keyVariable;
      const value = env[variable]?.trim() ?? '';
      if (value === '') return {};
      return isUsableKey(value)
        ? { key: { value, from: 'environment' } }
        : { problem: `${variable} holds no usable key.` };
    },
    keep: (provider, value, caller) => void kept.set(keptName(provider, caller), value),
  };
}

/**
 * The key in a file. Kubernetes replaces a mounted Secret by turning a symbolic link, so the file behind the path is
 * another one then, which its inode and times tell.
 */
async function readKeyFile(path: string, before: FileState | undefined): Promise<FileState> {
  try {
    await using handle = await open(path, 'r');
    const { dev, ino, mtimeNs, ctimeNs, size } = await handle.stat({ bigint: true });
    const identity = [dev, ino, mtimeNs, ctimeNs, size].join(' ');
    if (before?.identity === identity) return before;
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(mostBytes) });
    const value = buffer.toString('utf8', 0, bytesRead).trim();
    const lookup: KeyLookup = isUsableKey(value)
      ? { key: { value, from: 'file' } }
      : { problem: value === '' ? 'The file of the key is empty.' : 'The file of the key holds no usable key.' };
    return { identity, lookup };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const problem =
      code === 'ENOENT' ? 'The file of the key does not exist.' : `The file of the key cannot be read (${code}).`;
    return { identity: code, lookup: { problem } };
  }
}
