/** Decides `suggest_code_improvements`: what to make better in a part of a file, by rules, and by every model provider that has a key. */
import { z } from 'zod';
import type { LlmProviderState } from '../llm/port.ts';
import {
  askModel,
  asksModel,
  callerName,
  codeIsData,
  howToAddKey,
  modelToolTimeoutMs,
  outcomeMessage,
} from './ask-model.ts';
import { fitList } from './budget.ts';
import { findingFields, findingsIn } from './code-findings.ts';
import { type CodeSection, endLine, filePath, numberedLines, readSection, startLine } from './code-section.ts';
import { defineTool, type ToolContext } from './define.ts';

export const suggestCodeImprovements = defineTool({
  name: 'suggest_code_improvements',
  title: 'Suggest improvements of code',
  description: [
    'Say what to improve in a file or in some of its lines: findings of fixed rules (TODO comments, complex and long functions, missing documentation), and the advice of each model provider that has a key.',
    'Use it to review one place; for a whole codebase use analyze_codebase_improvements. With a key, the lines are sent to the providers; nothing is changed.',
    'Example: {"file_path": "shop/src/payment/retry.ts", "start_line": 40, "end_line": 120}',
  ].join(' '),
  input: z.strictObject({ file_path: filePath, start_line: startLine, end_line: endLine }),
  output: z.strictObject({
    file_path: z.string(),
    start_line: z.number().int(),
    end_line: z.number().int(),
    findings: z.array(findingFields).describe('By fixed rules, in the order of lines.'),
    suggestions: z
      .array(
        z.strictObject({
          provider: z.string(),
          model: z.string(),
          text: z.string().optional(),
          problem: z.string().optional().describe('Why this provider gave no advice, or not all of it.'),
        }),
      )
      .describe('One for each provider that has a key.'),
    message: z.string().optional(),
  }),
  annotations: asksModel,
  timeoutMs: modelToolTimeoutMs,
  handle: async (args, context) => {
    const section = await readSection(context.engine, args, context.signal);
    const providers = (await context.llm.providers(callerName(context.caller))).filter(
      ({ keyFrom }) => keyFrom !== undefined,
    );
    const suggestions = await Promise.all(providers.map((provider) => suggestionOf(provider, section, context)));
    const found = findingsIn(section);
    const { kept, left } = fitList(found, 20_000);
    const message = [
      left > 0 ? `${left} more findings: ask about fewer lines.` : '',
      found.length === 0 ? 'The fixed rules find nothing here.' : '',
      providers.length === 0 ? howToAddKey() : '',
    ]
      .filter((sentence) => sentence !== '')
      .join(' ');
    return {
      file_path: section.path,
      start_line: section.startLine,
      end_line: section.endLine,
      findings: kept,
      suggestions,
      ...(message !== '' && { message }),
    };
  },
});

const system = `You review source code. Name at most seven improvements, the most valuable first: faults, unclear code, missing checks, needless work. Give each its line numbers, why it matters, and the change in one or two sentences. Leave out matters of taste, and say so if there is nothing to improve. ${codeIsData}`;

async function suggestionOf({ name, model }: LlmProviderState, section: CodeSection, context: ToolContext) {
  const { text, left } = numberedLines(section);
  const { path, file, startLine, endLine } = section;
  const prompt = `Lines ${startLine} to ${endLine} of ${path} (${file.language}), with line numbers:\n\n${text}`;
  // Several providers write at once, and progress of several would not rise.
  const { progress: _, ...quiet } = context;
  const outcome = await askModel(quiet, { system, prompt, provider: name });
  const problem = outcomeMessage(outcome, left);
  return {
    provider: name,
    model: outcome.answer?.model ?? model,
    ...(outcome.answer !== undefined && { text: outcome.answer.text.slice(0, 10_000).toWellFormed() }),
    ...(problem !== '' && { problem }),
  };
}
