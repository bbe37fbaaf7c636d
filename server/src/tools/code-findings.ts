/** Decides what fixed rules find in a part of one file: the rules of analyze_codebase_improvements, for what is at hand. */
import { z } from 'zod';
import { findTodos } from '../analysis/todo-comments.ts';
import type { Definition } from '../symbols/port.ts';
import { undocumentedIn } from '../symbols/undocumented.ts';
import type { CodeSection } from './code-section.ts';
import { fullName } from './symbol-fields.ts';

/** The defaults of analyze_codebase_improvements. McCabe's own bound of complexity is 10. */
const limits = { fileLines: 500, complexity: 10, functionLines: 100 };

export const findingFields = z.strictObject({
  kind: z.enum(['todo', 'undocumented', 'long_file', 'complex_function', 'long_function']),
  line: z.number().int(),
  end_line: z.number().int().optional(),
  symbol: z.string().optional(),
  message: z.string(),
});
type Finding = z.input<typeof findingFields>;

/** In the order of lines. */
export function findingsIn(section: CodeSection): Finding[] {
  const { file, all, startLine, endLine } = section;
  const bytes = Buffer.from(file.text);
  const todos = findTodos(bytes, 0, bytes.length, file.language);
  const { missing } = undocumentedIn(all, true);
  const inSection = ({ line }: Finding) => line >= startLine && line <= endLine;
  return [
    ...longFile(section),
    ...todos.map(({ line, text }): Finding => ({ kind: 'todo', line, message: text })),
    ...all.flatMap(judgeFunction),
    ...missing.map((one) => finding('undocumented', one, 'Other files can use it, and it has no doc comment.')),
  ]
    .filter(inSection)
    .sort((a, b) => a.line - b.line);
}

function longFile({ file, all }: CodeSection): Finding[] {
  if (file.totalLines <= limits.fileLines || all.every(({ complexity }) => complexity === 0)) return [];
  const message = `${file.totalLines} lines, more than ${limits.fileLines}: split it by responsibility.`;
  return [{ kind: 'long_file', line: 1, end_line: file.totalLines, message }];
}

function judgeFunction(one: Definition): Finding[] {
  const lines = one.endLine - one.startLine + 1;
  if (one.complexity > limits.complexity)
    return [
      finding(
        'complex_function',
        one,
        `Cyclomatic complexity ${one.complexity} over ${lines} lines: extract decisions into functions of their own.`,
      ),
    ];
  const isLong = (one.kind === 'function' || one.kind === 'method') && lines > limits.functionLines;
  return isLong
    ? [finding('long_function', one, `${lines} lines in one function: divide it into steps with names.`)]
    : [];
}

function finding(kind: Finding['kind'], one: Definition, message: string): Finding {
  return { kind, line: one.startLine, end_line: one.endLine, symbol: fullName(one), message };
}
