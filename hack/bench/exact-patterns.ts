/** Decides which patterns exact search is compared on: words and expressions, rare ones and common ones. */

export type Pattern = { what: string; pattern: string; regex: boolean; ignoreCase: boolean };

export const patterns: readonly Pattern[] = [
  { what: 'rare word', pattern: 'NewDeploymentController', regex: false, ignoreCase: false },
  { what: 'common word', pattern: 'context.Context', regex: false, ignoreCase: false },
  { what: 'word in any case', pattern: 'podsecurity', regex: false, ignoreCase: true },
  { what: 'word that is not there', pattern: 'quixotalpha', regex: false, ignoreCase: false },
  { what: 'rare expression', pattern: 'func \\(.*\\) Reconcile', regex: true, ignoreCase: false },
  { what: 'common expression', pattern: 'return (nil|err)\\b', regex: true, ignoreCase: false },
  { what: 'expression without a literal', pattern: '\\b[A-Z][a-z]+[0-9]{2,}\\(', regex: true, ignoreCase: false },
];

/** ripgrep's arguments for the same, as a person would write them. */
export function ripgrepArguments({ pattern, regex, ignoreCase }: Pattern): string[] {
  const flags = [...(regex ? [] : ['--fixed-strings']), ...(ignoreCase ? ['--ignore-case'] : [])];
  return ['--no-config', '--line-number', '--no-heading', ...flags, '-e', pattern, '.'];
}
