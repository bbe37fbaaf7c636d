/** Decides which tools there are and their order in tools/list, which never changes within a version. */

import { analyzeCacheEffectiveness } from './analyze-cache-effectiveness.ts';
import { analyzeCodebaseImprovements } from './analyze-codebase-improvements.ts';
import { analyzeFunctionDependencies } from './analyze-function-dependencies.ts';
import { autoDocumentTool } from './auto-document-tool.ts';
import { configureApiKey } from './configure-api-key.ts';
import { countLinesOfCode } from './count-lines-of-code.ts';
import type { Tool } from './define.ts';
import { findDuplicateCode } from './find-duplicate-code.ts';
import { findReferences } from './find-references.ts';
import { findRelatedCode } from './find-related-code.ts';
import { findSymbol } from './find-symbol.ts';
import { generateBoilerplate } from './generate-boilerplate.ts';
import { generateLlmApiWrapper } from './generate-llm-api-wrapper.ts';
import { generateUnitTests } from './generate-unit-tests.ts';
import { getCacheStatistics } from './get-cache-statistics.ts';
import { getConfiguration } from './get-configuration.ts';
import { getDependenciesOverview } from './get-dependencies-overview.ts';
import { getDiff } from './get-diff.ts';
import { getFileStructure } from './get-file-structure.ts';
import { getIndexStatus } from './get-index-status.ts';
import { getPerformanceMetrics } from './get-performance-metrics.ts';
import { getUsagePatterns } from './get-usage-patterns.ts';
import { indexCodebase } from './index-codebase.ts';
import { listCodebases } from './list-codebases.ts';
import { listCommits } from './list-commits.ts';
import { listFiles } from './list-files.ts';
import { listUndocumentedFunctions } from './list-undocumented-functions.ts';
import { parseLlmResponse } from './parse-llm-response.ts';
import { profileCodePerformance } from './profile-code-performance.ts';
import { readCodeFile } from './read-code-file.ts';
import { resolveTodoFixme } from './resolve-todo-fixme.ts';
import { searchCodebase } from './search-codebase.ts';
import { searchCommits } from './search-commits.ts';
import { semanticSearchCodebase } from './semantic-search-codebase.ts';
import { suggestCodeImprovements } from './suggest-code-improvements.ts';
import { summarizeCodeSection } from './summarize-code-section.ts';
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
  findRelatedCode,
  findDuplicateCode,
  listCommits,
  searchCommits,
  getDiff,
  listFiles,
  countLinesOfCode,
  getDependenciesOverview,
  analyzeCodebaseImprovements,
  summarizeCodeSection,
  suggestCodeImprovements,
  generateUnitTests,
  resolveTodoFixme,
  profileCodePerformance,
  generateBoilerplate,
  generateLlmApiWrapper,
  parseLlmResponse,
  getIndexStatus,
  indexCodebase,
  getCacheStatistics,
  analyzeCacheEffectiveness,
  getPerformanceMetrics,
  getUsagePatterns,
  getConfiguration,
  configureApiKey,
  autoDocumentTool,
];
