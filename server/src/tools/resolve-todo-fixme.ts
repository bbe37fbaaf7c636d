/** Decides `resolve_todo_fixme`: what a TODO comment asks for, where it stands, what is like it, and how a model would resolve it. */
import { z } from 'zod';
import { findTodos } from '../analysis/todo-comments.ts';
import { CodeSageError } from '../errors.ts';
import {
  answeredBy,
  answeredByFields,
  askModel,
  asksModel,
  codeIsData,
  modelToolTimeoutMs,
  outcomeMessage,
} from './ask-model.ts';
import { type CodeSection, filePath, numberedLines, readSection } from './code-section.ts';
import { defineTool, type ToolContext } from './define.ts';
import { fullName } from './symbol-fields.ts';

const place = z.strictObject({
  file_path: z.string(),
  start_line: z.number().int(),
  end_line: z.number().int(),
});

export const resolveTodoFixme = defineTool({
  name: 'resolve_todo_fixme',
  title: 'Resolve a TODO',
  description: [
    'Work on one TODO, FIXME, BUG, HACK or XXX comment: its text, the code around it, related places, and, where a model provider has a key, a proposed change.',
    'Use it with a line that analyze_codebase_improvements (kind "todo") or search_codebase found. With a key, the code around the comment is sent to the provider; nothing is changed.',
    'Example: {"file_path": "shop/src/payment/retry.ts", "line_number": 57}',
  ].join(' '),
  input: z.strictObject({
    file_path: filePath,
    line_number: z.number().int().min(1).describe('Line of the comment.'),
  }),
  output: z.strictObject({
    file_path: z.string(),
    line_number: z.number().int(),
    mark: z.string().describe('TODO, FIXME, BUG, HACK or XXX.'),
    todo: z.string().describe('What the comment says.'),
    inside: z.string().optional().describe('The function or class around it.'),
    code: z.strictObject({ start_line: z.number().int(), text: z.string() }).describe('The code around it.'),
    related: z.array(place).describe('Places like it in meaning; read them with read_code_file.'),
    proposal: z.string().optional(),
    answered_by: answeredBy,
    message: z.string().optional(),
  }),
  annotations: asksModel,
  timeoutMs: modelToolTimeoutMs,
  handle: async ({ file_path, line_number }, context) => {
    const whole = await readSection(context.engine, { file_path }, context.signal);
    const todo = todoAt(whole, line_number);
    const around = surroundings(whole, todo.line);
    const [related, outcome] = await Promise.all([
      relatedPlaces(around, todo.text, context),
      askModel(context, { system, prompt: promptOf(around, todo) }),
    ]);
    const message = outcomeMessage(outcome);
    return {
      file_path: whole.path,
      line_number: todo.line,
      mark: todo.mark,
      todo: todo.text,
      ...(around.named !== undefined && { inside: fullName(around.named) }),
      code: { start_line: around.startLine, text: around.lines.join('\n').slice(0, 20_000) },
      related,
      ...(outcome.answer !== undefined && { proposal: outcome.answer.text }),
      ...answeredByFields(outcome),
      ...(message !== '' && { message }),
    };
  },
});

type Todo = ReturnType<typeof findTodos>[number];

/** The mark on this line. @throws CodeSageError `InvalidArgument`, naming lines that have one */
function todoAt({ file, path }: CodeSection, line: number): Todo {
  const bytes = Buffer.from(file.text);
  const todos = findTodos(bytes, 0, bytes.length, file.language);
  const found = todos.find((todo) => todo.line === line);
  if (found !== undefined) return found;
  const nearest = todos.toSorted((a, b) => Math.abs(a.line - line) - Math.abs(b.line - line)).slice(0, 5);
  throw new CodeSageError(
    'InvalidArgument',
    `Line ${line} of ${path} has no comment with TODO, FIXME, BUG, HACK or XXX.`,
    nearest.length === 0
      ? 'The file has none at all.'
      : `The nearest are on lines ${nearest.map((todo) => todo.line).join(', ')}.`,
  );
}

const linesAround = 40;
const longestDefinition = 200;

/** The innermost function or class around the line if it is not too long, else some lines before and after. */
function surroundings(whole: CodeSection, line: number): CodeSection {
  const named = whole.definitions.findLast(
    (one) => one.startLine <= line && one.endLine >= line && one.endLine > one.startLine,
  );
  const fits = named !== undefined && named.endLine - named.startLine < longestDefinition;
  const startLine = Math.max(1, fits ? named.startLine : line - linesAround);
  const endLine = Math.min(whole.endLine, fits ? named.endLine : line + linesAround);
  return { ...whole, named, startLine, endLine, lines: whole.lines.slice(startLine - 1, endLine) };
}

const mostRelated = 5;

/** Without the place itself. A search that cannot be made takes nothing from the rest of the answer. */
async function relatedPlaces(
  { file, startLine, endLine }: CodeSection,
  todo: string,
  { engine, signal }: ToolContext,
): Promise<z.input<typeof place>[]> {
  const query = todo.replace(/^\w+\s*(\([^)]*\))?\s*:?\s*/, '') || todo;
  const request = { query, codebases: [file.codebase], topK: mostRelated * 2 };
  const { hits } = await engine.semanticSearch(request, signal).catch(() => {
    signal.throwIfAborted();
    return { hits: [] };
  });
  return hits
    .filter((hit) => hit.path !== file.path || hit.endLine < startLine || hit.startLine > endLine)
    .slice(0, mostRelated)
    .map((hit) => ({ file_path: `${hit.codebase}/${hit.path}`, start_line: hit.startLine, end_line: hit.endLine }));
}

const system = `You resolve TODO comments. Say what the comment asks for, propose the smallest change that does it as a unified diff of the code shown, and name what has to be checked or decided first. If the code shown does not suffice, say what else you would have to see instead of guessing. ${codeIsData}`;

function promptOf(section: CodeSection, todo: Todo): string {
  const { text } = numberedLines(section);
  return `The comment on line ${todo.line} of ${section.path} (${section.file.language}) says:\n${todo.text}\n\nLines ${section.startLine} to ${section.endLine}, with line numbers:\n\n${text}`;
}
