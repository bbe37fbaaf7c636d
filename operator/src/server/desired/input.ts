/** Decides what the builders of children may know: the resource, and those facts of the cluster that shape a child. */
import type { CodeSageServer } from '../../api/kinds.ts';
import type { PersistentVolumeClaim } from '../../runtime/resources.ts';

export type OperatorSettings = {
  /** Image of a server whose spec names none, such as `registry/codesage-server:1.0.0`. */
  serverImage: string;
};

export type DesiredInput = {
  server: CodeSageServer;
  settings: OperatorSettings;
  /** The claim of the index as it is, when there is one already: its immutable fields are kept. */
  claim?: PersistentVolumeClaim | undefined;
  /** The internal token, kept for the life of its Secret. */
  internalToken: string;
  /** Digest of each Secret's data by name; a Secret that is missing has no entry. */
  secretDigests: Readonly<Record<string, string>>;
  /** Claims that sources and the embedding model name and that exist. A pod that mounts a missing claim could not start at all. */
  presentClaims: ReadonlySet<string>;
};
