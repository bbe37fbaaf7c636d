/** Decides which tools there are and their order in tools/list, which never changes within a version. */
import type { Tool } from './define.ts';
import { getCacheStatistics } from './get-cache-statistics.ts';
import { getConfiguration } from './get-configuration.ts';
import { getIndexStatus } from './get-index-status.ts';
import { indexCodebase } from './index-codebase.ts';
import { listCodebases } from './list-codebases.ts';
import { readCodeFile } from './read-code-file.ts';
import { searchCodebase } from './search-codebase.ts';
import { semanticSearchCodebase } from './semantic-search-codebase.ts';

/** All tools, in the order they are listed. */
export const registry: readonly Tool[] = [
  listCodebases,
  semanticSearchCodebase,
  searchCodebase,
  readCodeFile,
  getIndexStatus,
  indexCodebase,
  getCacheStatistics,
  getConfiguration,
];
