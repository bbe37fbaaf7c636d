/** Decides with which parameters a tool is narrowed to some files of a codebase: the same in every tool. */
import { z } from 'zod';

/** Parameters that say which files take part. */
export const fileScope = {
  path_globs: z
    .array(z.string().min(1).max(500))
    .max(50)
    .default([])
    .describe('Only paths that fit one, as "src/**/*.ts"; "!" in front: all but these.'),
  languages: z.array(z.string().min(1).max(100)).max(50).default([]).describe('Only these, as "python" or "py".'),
};
