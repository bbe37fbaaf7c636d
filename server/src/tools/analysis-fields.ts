/** Decides the parameters and fields that the tools about whole codebases share: which files take part, and pages. */
import { z } from 'zod';
import type { AnalysisScope } from '../analysis/port.ts';
import { languageNamed } from '../chunking/languages.ts';
import type { ServerConfig } from '../contract.ts';
import { answerBudget, fitList } from './budget.ts';
import { codebaseName, nameInGlobs } from './codebase-path.ts';

export const pageOffset = (what: string) =>
  z.number().int().min(0).max(1_000_000).default(0).describe(`${what} to skip: next_offset of the answer before.`);

/** Fields that say whether there is more, and where. */
export const pageFields = {
  truncated: z.boolean().describe('True: there is more; see next_offset.'),
  next_offset: z.number().int().optional().describe('Call again with this offset for the next ones.'),
};

export const provenanceFields = {
  index_version: z.string().describe('Answers with the same version come from the same published index.'),
  took_ms: z.number(),
};

type ScopeArguments = { codebase_path: string; path_globs: string[]; languages: string[] };

/** The scope as the engine takes it. */
export function analysisScopeOf(args: ScopeArguments, config: ServerConfig): AnalysisScope {
  return {
    codebase: codebaseName(args.codebase_path, config),
    pathGlobs: args.path_globs,
    languages: args.languages.map(languageNamed),
  };
}

/** One page of a list: what of it fits beside `used` characters, and where the next page starts. */
export function pageOf<T>(
  items: readonly T[],
  { offset, limit, used = 0 }: { offset: number; limit: number; used?: number },
): { kept: T[]; fields: { truncated: boolean; next_offset?: number } } {
  const { kept } = fitList(items.slice(offset, offset + limit), answerBudget - used);
  const next = offset + kept.length;
  const truncated = next < items.length;
  return { kept, fields: { truncated, ...(truncated && { next_offset: next }) } };
}

/** What to say where a page starts behind all that there is; undefined where it does not, or where there is nothing at all. */
export function behindLast(total: number, offset: number, what: string): string | undefined {
  return total > 0 && offset >= total
    ? `${what} in all: ${total}; offset ${offset} is behind the last one. Call again with a smaller offset.`
    : undefined;
}

/** Why a list of files is empty, and what to do. */
export function noFiles(args: ScopeArguments): string {
  return args.path_globs.length > 0 || args.languages.length > 0
    ? `No indexed file fits path_globs and languages. Globs are matched against paths in the codebase: "*.ts" fits such files in any directory, "src/**" what is below that one. list_files shows the paths.${nameInGlobs(args.path_globs, [args.codebase_path])}`
    : 'The codebase has no indexed files. See get_index_status.';
}
