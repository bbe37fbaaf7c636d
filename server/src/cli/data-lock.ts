/** Decides who may write a data directory: one process at a time on a machine, found by a socket that dies with its owner. */
import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { Settings } from '../config.ts';
import { CodeSageError, messageOf } from '../errors.ts';

export type DataLock = { dataDir: string; release: () => void };

/** Most servers of one developer over the same sources at once. */
const mostSlots = 16;

/**
 * Takes the data directory, or with `mayMove` the next free one beside it: two editors on one project each start a
 * server, and neither may fail. A socket is used, not a file with a process id: those outlive crashes and mean nothing
 * in another container.
 * @throws CodeSageError `ConfigInvalid` when another process holds it.
 */
export async function lockDataDir(dataDir: string, mayMove: boolean): Promise<DataLock> {
  for (let slot = 1; slot <= (mayMove ? mostSlots : 1); slot += 1) {
    const candidate = slot === 1 ? dataDir : `${dataDir}-${slot}`;
    const lock = await tryLock(candidate);
    if (lock !== undefined) return lock;
  }
  throw new CodeSageError(
    'ConfigInvalid',
    `Another codesage process uses ${dataDir}.`,
    'Stop it, ask it with --url, or name another directory with --data.',
  );
}

/**
 * Runs `work` with the settings and the directory that was locked: the data directory, or with the role Search, which only
 * reads that one, a directory for caches.
 */
export async function withLockedData<T>(
  settings: Settings,
  mayMove: boolean,
  work: (settings: Settings) => Promise<T>,
): Promise<T> {
  const { role, scratchDirectory = join(tmpdir(), `codesage-search-${userInfo().uid}`) } = settings.config.replication;
  if (role === 'Search') {
    const lock = await lockDataDir(scratchDirectory, true);
    try {
      return await work({ ...settings, scratchDir: lock.dataDir });
    } finally {
      lock.release();
    }
  }
  const lock = await lockDataDir(settings.dataDir, mayMove);
  try {
    return await work({ ...settings, dataDir: lock.dataDir });
  } finally {
    lock.release();
  }
}

async function tryLock(dataDir: string): Promise<DataLock | undefined> {
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (error) {
    throw unusable(dataDir, error);
  }
  // In the temporary directory, because socket paths have to be short.
  const path = join(
    tmpdir(),
    `codesage-${createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16)}.sock`,
  );
  const server = (await bind(path)) ?? ((await isHeld(path)) ? undefined : await rebind(path));
  return server && { dataDir, release: () => void server.close() };
}

function bind(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(unusable(dirname(path), error)),
    );
    server.listen(path, () => resolve(server.unref()));
  });
}

function unusable(directory: string, cause: unknown): CodeSageError {
  const remedy = 'Make it writable for this user, or name another data directory with --data.';
  return new CodeSageError('ConfigInvalid', `${directory} cannot be used: ${messageOf(cause)}.`, remedy, { cause });
}

/** The owner died without cleaning up. */
function rebind(path: string): Promise<Server | undefined> {
  rmSync(path, { force: true });
  return bind(path);
}

function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
