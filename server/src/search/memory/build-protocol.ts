/** Decides what the thread that makes segments is asked and what it answers. */
import type { PublishedFile } from './plan.ts';

/** Make segments of chunks of a generation's tables. */
export type BuildTask = {
  /** Directory of the LanceDB database. */
  database: string;
  filesVersion: number;
  chunksVersion: number;
  dimensions: number;
  /** Where the segments go; undefined: to no disk, they are answered as bytes. */
  directory: string | undefined;
  /** Files whose chunks are read; undefined: all that the version has. */
  files: ReadonlyMap<string, PublishedFile> | undefined;
};

/** Join the live chunks of some segments into one. */
export type MergeTask = {
  directory: string;
  dimensions: number;
  /** `live`: a byte for each chunk; undefined: all are. */
  segments: { name: string; live: Uint8Array | undefined }[];
};

/** Segments that were made, in the order of their chunks. `unsaved`: the bytes of one that could not be written. */
export type BuildAnswer = { segments: { name: string; unsaved?: Uint8Array }[] };
