/** Decides what a template of tests is made from: names, paths and parts that all languages share. */
import type { Definition } from '../../symbols/port.ts';
import { parametersOf } from './parameters.ts';

/** What is to be tested, of one file. */
export type TestSubject = {
  /** Path in its codebase. */
  path: string;
  language: string;
  functions: readonly Definition[];
  /** Names of test frameworks that manifests near the file declare. */
  declared: ReadonlySet<string>;
  /** The package that the file says it belongs to, where its language has that. */
  packageName?: string;
};

export type TestTemplate = { framework: string; testPath: string; code: string };

export type Renderer = (subject: TestSubject) => TestTemplate;

export type Parts = { directory: string; stem: string; extension: string };

export function partsOf(path: string): Parts {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  return { directory: path.slice(0, slash + 1), stem, extension };
}

/** `test_retry_payment` of `retryPayment`, and `RetryPayment`. */
export function snake(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/\W+/g, '_')
    .toLowerCase();
}
export function pascal(text: string): string {
  return text.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, first: string) => first.toUpperCase());
}

/** How often a function decides: each decision wants a case of its own. */
export function casesText({ complexity }: Definition): string {
  return complexity > 1 ? `each of its ${complexity} paths, and unusual values` : 'unusual values';
}

/** The containing class of a method, or ''. */
export const ownerOf = ({ parent }: Definition) => parent.split('.').at(-1) ?? '';
export const block = (lines: readonly string[]) => `${lines.join('\n')}\n`;

/** `body` for each function, with an empty line between them. */
export function each(functions: readonly Definition[], body: (one: Definition, args: string[]) => string[]): string[] {
  return functions.flatMap((one, index) => [...(index > 0 ? [''] : []), ...body(one, parametersOf(one))]);
}

/** Names that a test file takes from the file: outer functions, and the classes of methods. */
export function imported(functions: readonly Definition[]): string[] {
  return [...new Set(functions.map(({ parent, name }) => parent.split('.')[0] || name))];
}
