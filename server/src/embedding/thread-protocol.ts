/** Decides what the embedding thread is asked and what it answers. The engine and the indexing threads ask alike, each through its port. */
import type { MessagePort } from 'node:worker_threads';
import type { EmbeddingSettings } from '../contract.ts';

export type ThreadSettings = { settings: EmbeddingSettings; cacheDirectory: string };

/** Queries are embedded before documents, whatever came first. */
export type EmbedRequest = { id: number; kind: 'query' | 'document'; texts: readonly string[] };
export type PortMessage = EmbedRequest | { id: number; cancel: true };
export type EmbedAnswer = { id: number; vectors: Float32Array<ArrayBuffer> } | { id: number; error: string };

/** To the thread itself; it connects ports to the model, or ends. */
export type ThreadCommand = { connect: MessagePort } | { close: true };
/** Its first message: the model is loaded, or why it is not. */
export type ThreadStart =
  | { loaded: { name: string; dimensions: number } }
  | { failed: { code: 'EmbeddingModelMissing' | 'EmbeddingModelInvalid'; message: string } };
