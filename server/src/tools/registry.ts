/** Decides which tools there are and their order in tools/list, which never changes within a version. */

import { analyzeFunctionDependencies } from './analyze-function-dependencies.ts';
import type { Tool } from './define.ts';
import { findReferences } from './find-references.ts';
import { findSymbol } from './find-symbol.ts';
import { getCacheStatistics } from './get-cache-statistics.ts';
import { getConfiguration } from './get-configuration.ts';
import { getFileStructure } from './get-file-structure.ts';
import { getIndexStatus } from './get-index-status.ts';
import { indexCodebase } from './index-codebase.ts';
import { listCodebases } from './list-codebases.ts';
import { listUndocumentedFunctions } from './list-undocumented-functions.ts';
import { readCodeFile } from './read-code-file.ts';
import { searchCodebase } from './search-codebase.ts';
import { semanticSearchCodebase } from './semantic-search-codebase.ts';
import { traceCalls } from './trace-calls.ts';

/** All tools, in the order they are listed. */
export const registry: readonly Tool[] = [
  listCodebases,
  semanticSearchCodebase,
  searchCodebase,
  readCodeFile,
  findSymbol,
  findReferences,
  traceCalls,
  getFileStructure,
  analyzeFunctionDependencies,
  listUndocumentedFunctions,
  getIndexStatus,
  indexCodebase,
  getCacheStatistics,
  getConfiguration,
];
