/** Decides how docs/tools.md tells of what there is besides tools; generated, so it cannot disagree with the server. */
import { type PromptDefinition, promptDefinitions } from './prompts.ts';
import { uriTemplate } from './uri.ts';

/** The end of docs/tools.md. Pure. */
export function renderContentsDoc(prompts: readonly PromptDefinition[] = promptDefinitions): string {
  return [
    '# Resources',
    '',
    '| Address | What it is |',
    '|---|---|',
    '| `codesage://{codebase}` | Overview of a codebase in Markdown: state, languages, main directories, manifests, likely entry points. Listed, one a codebase. |',
    `| \`${uriTemplate}\` | Text of one indexed file, as of the published index. Secrets and ignored files are refused. |`,
    '',
    'Clients complete the names of codebases and the paths of files while they are typed.',
    '',
    '# Prompts',
    '',
    'Tasks that a client can offer in its menu. Each tells the model which tools to use in which order and what to answer with; some bring the overview of the codebase along.',
    '',
    '| Prompt | What it is for | Arguments |',
    '|---|---|---|',
    ...prompts.map(
      ({ name, description, arguments: args }) =>
        `| ${name} | ${description} | ${args.map((one) => `\`${one.name}\`${one.required ? '' : ' (optional)'}: ${one.description}`).join('<br>')} |`,
    ),
    '',
  ].join('\n');
}
