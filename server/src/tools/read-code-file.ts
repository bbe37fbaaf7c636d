/** Decides `read_code_file`: the lines of one indexed file, cut so that they fit an answer. */
import { z } from 'zod';
import { CodeSageError } from '../errors.ts';
import { fitLines } from './budget.ts';
import { defineTool, readOnly } from './define.ts';

export const readCodeFile = defineTool({
  name: 'read_code_file',
  title: 'Read a file',
  description: [
    'Read a file of an indexed codebase, whole or a range of lines.',
    'Use it to see the code around a search result; for an outline before you read use get_file_structure. Paths are as the search tools give them: codebase name, slash, path in the codebase.',
    'Files outside the codebases, ignored files and secrets such as .env are refused.',
    'Example: {"file_path": "shop/src/payment/retry.ts", "start_line": 40, "end_line": 120}',
  ].join(' '),
  input: z.strictObject({
    file_path: z
      .string()
      .min(1)
      .max(4096)
      .describe('"codebase/path/in/it", or the absolute path of a file below a codebase\'s directory.'),
    start_line: z.number().int().min(1).optional().describe('First line, counted from 1.'),
    end_line: z.number().int().min(1).optional().describe('Last line, included.'),
  }),
  output: z.strictObject({
    file_path: z.string(),
    language: z.string(),
    start_line: z.number().int(),
    end_line: z.number().int(),
    total_lines: z.number().int(),
    size_bytes: z.number().int(),
    text: z.string(),
    truncated: z.boolean().describe('True: the answer ends before the lines that were asked for.'),
    next_start_line: z.number().int().optional().describe('Call again with this start_line to read on.'),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async ({ file_path, start_line = 1, end_line }, { engine }) => {
    if (end_line !== undefined && end_line < start_line) {
      throw new CodeSageError(
        'InvalidArgument',
        `end_line ${end_line} is before start_line ${start_line}.`,
        'Write end_line as a later line, or leave it out.',
      );
    }
    const file = await engine.readFile(file_path);
    if (start_line > Math.max(1, file.totalLines)) {
      throw new CodeSageError(
        'InvalidArgument',
        `${file_path} has ${file.totalLines} lines; start_line is ${start_line}.`,
        'Ask for an earlier line.',
      );
    }
    const wanted = linesOf(file.text).slice(start_line - 1, end_line);
    const { kept, left, cutLine } = fitLines(wanted);
    const next = start_line + kept.length;
    return {
      file_path: `${file.codebase}/${file.path}`,
      language: file.language,
      start_line,
      end_line: next - 1,
      total_lines: file.totalLines,
      size_bytes: file.sizeBytes,
      text: kept.join('\n'),
      truncated: left > 0 || cutLine,
      ...(left > 0 && { next_start_line: next, message: `The file goes on. Call again with start_line=${next}.` }),
      ...(cutLine && {
        message: `Line ${start_line} is too long for one answer and was cut.${left > 0 ? ` Call again with start_line=${next} for the rest of the file.` : ''}`,
      }),
    };
  },
});

/** Lines without their ends; a line end at the end of the file starts no further line. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
