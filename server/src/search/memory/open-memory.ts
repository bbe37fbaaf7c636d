/**
 * Decides how a published version comes to be searched in memory: segments on disk that fit it are taken as they are, what
 * they lack is made from the tables, small ones are joined. The tables alone say what is published, so a segment that is
 * missing, damaged or out of date costs time and nothing else.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { BuildAnswer, BuildTask } from './build-protocol.ts';
import { type LiveSegment, MemoryIndex } from './memory-index.ts';
import { type Coverage, chooseMerge, coverageOf, type PublishedFile, type SegmentFile } from './plan.ts';
import { identityOf, Segment } from './segment.ts';
import { deleteSegment, isUnsaved, listSegments } from './segment-files.ts';
import { type SegmentThread, withoutThread, withSegmentThread } from './segment-thread.ts';

export type OpenMemoryInput = Omit<BuildTask, 'files'> & {
  codebase: string;
  files: ReadonlyMap<string, PublishedFile>;
  /** Chunks of the published version. */
  chunks: number;
  /** Of the version before, whose segments need not be read again. */
  previous: MemoryIndex | undefined;
  /** True: another process keeps the segments on disk. None is written, joined or deleted; what they lack lives in memory. */
  readOnly?: boolean;
  log: Logger;
};

/** Where the segments are made; tests make them in their own thread. */
export type ThreadRunner = <T>(work: (thread: SegmentThread) => Promise<T>) => Promise<T>;

/** Chunks that are made into a segment, or joined, without a thread of their own: a few times 10 ms. */
const readHere = 1000;
const joinedHere = 4000;

/** The usual one: by how many chunks there are. */
const runners = (chunks: number, most: number): ThreadRunner => (chunks <= most ? withoutThread : withSegmentThread);

/** Opens a version. @throws Error when the tables do not have the chunks that were published. */
export async function openMemory(
  input: OpenMemoryInput,
  runner: (chunks: number, most: number) => ThreadRunner = runners,
): Promise<MemoryIndex> {
  const loaded = await loadAll(input);
  let coverage = cover(loaded, input);
  if (coverage.missing.length > 0) {
    const missing = filesNamed(coverage.missing, input);
    const files = loaded.length === 0 ? undefined : missing;
    // The thread has ended, and its memory is given back, before what it made is read.
    const chunks = [...missing.values()].reduce((sum, file) => sum + file.chunks, 0);
    const answer = await runner(chunks, readHere)((thread) => thread.build({ ...taskOf(input), files }));
    const made = await take(answer, input);
    // What the other process makes later takes the place of what was made here.
    if (input.readOnly) loaded.push(...made);
    else loaded.unshift(...made);
    coverage = cover(loaded, input);
  }
  const merging = input.readOnly ? [] : mergeOf(loaded, coverage);
  if (merging.length > 0) {
    const chunks = loaded.reduce((sum, { name, facts }) => sum + (merging.includes(name) ? facts.chunks : 0), 0);
    await joinSegments(runner(chunks, joinedHere), merging, loaded, coverage, input);
    coverage = cover(loaded, input);
  }
  return finish(loaded, coverage, input);
}

function taskOf({ database, filesVersion, chunksVersion, dimensions, directory, readOnly }: OpenMemoryInput) {
  return { database, filesVersion, chunksVersion, dimensions, directory: readOnly ? undefined : directory };
}

function filesNamed(paths: readonly string[], { files }: OpenMemoryInput): Map<string, PublishedFile> {
  const named = new Map<string, PublishedFile>();
  for (const path of paths) {
    const file = files.get(path);
    if (file !== undefined) named.set(path, { hash: file.hash, readAt: file.readAt, chunks: file.chunks });
  }
  return named;
}

const load = (directory: string, name: string) => Segment.load(join(directory, name), name);

/** Loads what the thread made, the newest first. */
async function take(
  { segments }: BuildAnswer,
  { directory = '', codebase, log, readOnly }: OpenMemoryInput,
): Promise<Segment[]> {
  const loaded: Segment[] = [];
  for (const { name, unsaved } of segments.toReversed()) {
    loaded.push(unsaved === undefined ? await load(directory, name) : await Segment.from(unsaved, name));
    if (unsaved !== undefined && !readOnly)
      log.warn({ codebase }, 'A segment of the index cannot be written; it is held in memory alone');
  }
  return loaded;
}

/** All readable segments, the newest first. Unreadable ones are deleted if they are ours. */
async function loadAll(input: OpenMemoryInput): Promise<Segment[]> {
  const { directory, previous, readOnly } = input;
  const known = new Map((previous?.segments ?? []).map(({ segment }) => [segment.name, segment]));
  const unsaved = [...known.values()].filter(({ name }) => isUnsaved(name));
  const onDisk: Segment[] = [];
  for (const name of directory === undefined ? [] : await listSegments(directory, readOnly)) {
    const segment = await loadOne(name, known.get(name), input);
    if (segment !== undefined) onDisk.push(segment);
  }
  return readOnly ? [...onDisk, ...unsaved] : [...unsaved, ...onDisk];
}

async function loadOne(
  name: string,
  known: Segment | undefined,
  { directory = '', dimensions, codebase, log, readOnly }: OpenMemoryInput,
): Promise<Segment | undefined> {
  try {
    // Another process may have deleted the one of this name, and made a new one.
    const isKnown = known !== undefined && known.identity === identityOf(await stat(join(directory, name)));
    const segment = isKnown ? known : await load(directory, name);
    if (segment.facts.dimensions === dimensions) return segment;
    if (!readOnly) log.warn({ codebase, segment: name }, 'A segment of the index is made again');
  } catch (error) {
    // It may be gone because the process that keeps it joined it with others.
    if (readOnly) log.debug({ codebase, segment: name, err: error }, 'A segment of the index cannot be read');
    else log.warn({ codebase, segment: name, err: error }, 'A segment of the index is made again');
  }
  if (!readOnly) await deleteSegment(directory, name);
  return undefined;
}

function cover(loaded: readonly Segment[], { files }: OpenMemoryInput): Coverage {
  return coverageOf(loaded.map(filesOf), files);
}

function filesOf({ paths, sections }: Segment): SegmentFile[] {
  return paths.map((path, i) => ({
    path,
    hash: sections.fileHash[i] as number,
    readAt: sections.fileReadAt[i] as number,
    chunks: sections.fileChunks[i] as number,
  }));
}

function liveChunks({ sections }: Segment, files: ReadonlySet<number>): number {
  let sum = 0;
  for (const file of files) sum += sections.fileChunks[file] as number;
  return sum;
}

function mergeOf(loaded: readonly Segment[], { live }: Coverage): string[] {
  const sizes = loaded.map((segment, i) => ({
    name: segment.name,
    chunks: segment.facts.chunks,
    live: liveChunks(segment, live[i] ?? new Set()),
  }));
  return chooseMerge(sizes.filter((size) => size.live > 0 && !isUnsaved(size.name)));
}

/** Joins the named segments and puts the new one in their place. */
async function joinSegments(
  runInThread: ThreadRunner,
  merging: readonly string[],
  loaded: Segment[],
  coverage: Coverage,
  input: OpenMemoryInput,
): Promise<void> {
  const { directory = '', dimensions } = input;
  const parts = loaded.flatMap((segment, i) =>
    merging.includes(segment.name)
      ? [{ name: segment.name, live: liveMask(segment, coverage.live[i] ?? new Set()) }]
      : [],
  );
  const fresh = await take(
    await runInThread((thread) => thread.merge({ directory, dimensions, segments: parts })),
    input,
  );
  const rest = loaded.filter(({ name }) => !merging.includes(name));
  loaded.splice(0, loaded.length, ...fresh, ...rest);
  for (const name of merging) await deleteSegment(directory, name);
}

/** A byte for each chunk; undefined when all are live. */
function liveMask(segment: Segment, files: ReadonlySet<number>): Uint8Array | undefined {
  if (files.size === segment.paths.length) return undefined;
  // A byte a file, since asking the set for each chunk takes ten times as long.
  const isLive = new Uint8Array(segment.paths.length);
  for (const file of files) isLive[file] = 1;
  const { chunkFile } = segment.sections;
  const live = new Uint8Array(chunkFile.length);
  for (let i = 0; i < live.length; i++) live[i] = isLive[chunkFile[i] as number] as number;
  return live;
}

/** The index, once it is complete; segments without any published chunk are deleted. */
async function finish(loaded: readonly Segment[], { live }: Coverage, input: OpenMemoryInput): Promise<MemoryIndex> {
  const segments: LiveSegment[] = [];
  for (const [i, segment] of loaded.entries()) {
    const files = live[i] ?? new Set();
    if (files.size > 0)
      segments.push({ segment, live: liveMask(segment, files), liveChunks: liveChunks(segment, files) });
    else if (!input.readOnly && input.directory !== undefined) await deleteSegment(input.directory, segment.name);
  }
  const index = new MemoryIndex(segments);
  if (index.chunks !== input.chunks) {
    throw new Error(`corrupt: ${index.chunks} chunks could be read where ${input.chunks} were published`);
  }
  return index;
}
