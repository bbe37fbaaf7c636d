/** Decides which tasks users can start from their client's menu, and what the model is told to do in each. */

export type PromptArgument = { name: string; description: string; required: boolean };

/** A prompt as data. `steps` writes the task; `shows` is what of the codebase the model gets along with it. */
export type PromptDefinition = {
  name: string;
  title: string;
  description: string;
  arguments: readonly PromptArgument[];
  showsOverview: boolean;
  write: (given: Readonly<Record<string, string>>) => string;
};

const codebase: PromptArgument = {
  name: 'codebase',
  description: 'The codebase, by its name as list_codebases gives it.',
  required: true,
};
const optional = (name: string, description: string): PromptArgument => ({ name, description, required: false });
const required = (name: string, description: string): PromptArgument => ({ name, description, required: true });

/** What somebody gave, marked as theirs: it is data of the task, whatever it says. */
const quoted = (text: string | undefined) => JSON.stringify(text ?? '');

function task(goal: string, steps: readonly string[], outcome: string): string {
  return [goal, '', ...steps.map((step, index) => `${index + 1}. ${step}`), '', outcome].join('\n');
}

export const promptDefinitions: readonly PromptDefinition[] = [
  {
    name: 'explore_codebase',
    title: 'Explore a codebase',
    description: 'Get to know a codebase: what it does, how it is built, where to begin reading.',
    arguments: [
      codebase,
      optional('focus', 'What you want to know most, for example "how requests are authenticated".'),
    ],
    showsOverview: true,
    write: (given) =>
      task(
        `Explain the codebase ${quoted(given.codebase)} to somebody who will work on it.${given.focus === undefined ? '' : ` They want to know most: ${quoted(given.focus)}.`}`,
        [
          'Start from the overview above. Look at the tree with list_files (view "tree", max_depth 2), and read the README and the manifests with read_code_file.',
          'Learn what it is built on with get_dependencies_overview (limit 0).',
          'Find where it starts and what its main parts are: read the entry points, then get_file_structure of the files they lead to.',
          given.focus === undefined
            ? 'Follow one typical request or command from its entry to its end with semantic_search_codebase and trace_calls.'
            : 'Answer the question with semantic_search_codebase, and follow what you find with find_symbol, find_references and trace_calls.',
        ],
        'Answer with: what it does in two sentences; its parts and how they depend on each other; the path of one request; where to begin reading; what surprised you. Name files as codebase/path:line. Say what you did not look at.',
      ),
  },
  {
    name: 'explain_code',
    title: 'Explain code',
    description: 'Explain a file or a function: what it does, who calls it, what it depends on, what can go wrong.',
    arguments: [
      codebase,
      required('path', 'Path of the file in the codebase.'),
      optional('symbol', 'Function, class or method; the whole file without it.'),
    ],
    showsOverview: false,
    write: (given) =>
      task(
        `Explain ${given.symbol === undefined ? 'the file' : `${quoted(given.symbol)} in`} ${quoted(`${given.codebase}/${given.path}`)}.`,
        [
          'Look at its outline with get_file_structure, then read the lines that matter with read_code_file.',
          given.symbol === undefined
            ? 'For what other files use of it, call find_references for its main definitions.'
            : 'Call analyze_function_dependencies for what it calls and uses, and find_references for who uses it.',
          'Look at what is close to it with find_related_code, its tests above all: they show what is meant.',
        ],
        'Answer with: the purpose in one sentence; how it works, step by step, with line numbers; inputs, outputs, side effects and errors; who depends on it; what is surprising or fragile. Keep apart what the code says and what you infer.',
      ),
  },
  {
    name: 'review_change',
    title: 'Review a change',
    description:
      'Review a commit or a range of commits for faults, with what the rest of the codebase says about them.',
    arguments: [
      codebase,
      optional('commit', 'A commit, tag or branch; the newest commit without it.'),
      optional('base', 'Compare with this commit, tag or branch instead of the parent.'),
      optional('focus', 'What to look at most, for example "concurrency" or "error handling".'),
    ],
    showsOverview: false,
    write: (given) =>
      task(
        `Review ${given.commit === undefined ? 'the newest commit' : quoted(given.commit)}${given.base === undefined ? '' : ` since ${quoted(given.base)}`} of the codebase ${quoted(given.codebase)}.${given.focus === undefined ? '' : ` Look most at: ${quoted(given.focus)}.`}`,
        [
          'Get the change with get_diff (commit for one, from and to for a range); see with list_commits what came before it.',
          'For every changed function: read it whole with read_code_file, and find who calls it with find_references or trace_calls. A change is wrong if a caller relies on what it no longer does.',
          'Look with semantic_search_codebase for how the codebase does the same thing elsewhere, and with find_related_code for the tests that cover the change.',
          'Before you name a fault, try to refute it: look for the check, the test or the caller that makes it harmless.',
        ],
        'Answer with the faults only, the worst first. Each: file and line, what goes wrong and when, what shows it, what to write instead. Then what is not tested. If you found nothing, say what you checked. Note that the index may be of another commit than the one under review.',
      ),
  },
  {
    name: 'find_bug_cause',
    title: 'Find the cause of a bug',
    description: 'Find out why something goes wrong, from an error message, a stack trace or a description.',
    arguments: [
      codebase,
      required(
        'symptom',
        'What happens: the error message, the stack trace, or what was expected and what came instead.',
      ),
    ],
    showsOverview: true,
    write: (given) =>
      task(
        `Find the cause of this in the codebase ${quoted(given.codebase)}: ${quoted(given.symptom)}`,
        [
          'Search for the words of the message with search_codebase (regex false; leave out values that vary). Without a message, describe the behaviour to semantic_search_codebase.',
          'From the place where it shows, go back: trace_calls with direction callers, find_references for the values involved. Read each function with read_code_file before you judge it.',
          'Write down at least two causes that could be. For each, find the line that would make it true, and the line that would refute it.',
          'See with search_commits and list_commits whether those lines changed of late.',
        ],
        'Answer with: the cause, with file and line and the sequence of events that leads to the symptom; how sure you are, and what would prove it; the smallest change that mends it; where the same mistake is made elsewhere (search for it). If the evidence does not suffice, say what is missing.',
      ),
  },
  {
    name: 'plan_refactoring',
    title: 'Plan a refactoring',
    description: 'Plan a change of structure in small safe steps, from what really depends on what.',
    arguments: [
      codebase,
      required('goal', 'What should be different afterwards.'),
      optional('path', 'Directory or file that it is about.'),
    ],
    showsOverview: true,
    write: (given) =>
      task(
        `Plan this refactoring of the codebase ${quoted(given.codebase)}${given.path === undefined ? '' : `, around ${quoted(given.path)}`}: ${quoted(given.goal)}`,
        [
          'Find the code in question with semantic_search_codebase and get_file_structure; read it.',
          'Find everything that depends on it: find_references for each definition that changes, analyze_function_dependencies for what they use, get_dependencies_overview with module for who imports a module.',
          'Look for the same thing done elsewhere with find_duplicate_code and find_related_code: it belongs into the same plan, or has to be left alone on purpose.',
          'Find the tests that guard it. What has none gets one before the first step.',
        ],
        'Answer with steps that each leave the code working: files and definitions that change, what callers need, what to run to see that nothing broke. Then risks, what is left alone and why, and how to go back. Count the places that change.',
      ),
  },
  {
    name: 'write_tests',
    title: 'Write tests',
    description: 'Write tests for a file or a function, in the style of the tests that are there.',
    arguments: [
      codebase,
      required('path', 'Path of the file in the codebase.'),
      optional('function', 'The function to test; all that the file offers without it.'),
    ],
    showsOverview: false,
    write: (given) =>
      task(
        `Write tests for ${given.function === undefined ? '' : `${quoted(given.function)} in `}${quoted(`${given.codebase}/${given.path}`)}.`,
        [
          'Read the code with read_code_file, and learn with find_references how it is used for real.',
          'Find the tests that are there with find_related_code and list_files (path_globs such as "**/*test*"): take over their framework, names and helpers.',
          'List the cases: usual inputs, borders, every error it can raise, what callers rely on. Leave out what is tested already.',
        ],
        'Answer with one file of tests that can be run as it is, and one sentence a case on what would break it. Say what you could not test, and why. You cannot run anything through this server: say so.',
      ),
  },
];
