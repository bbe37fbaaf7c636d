/** Decides what a wrapper around a model provider's API is made from, and which languages there are templates for. */
import { goWrapper } from './wrappers/go.ts';
import { javaWrapper } from './wrappers/java.ts';
import { javascriptWrapper, typescriptWrapper } from './wrappers/javascript.ts';
import { pythonWrapper } from './wrappers/python.ts';
import { rubyWrapper } from './wrappers/ruby.ts';

/** All of it is checked before it comes here: nothing needs to be escaped. */
export type WrapperSubject = {
  /** As people know the provider. */
  label: string;
  /** `/chat/completions` is below it. */
  baseURL: string;
  model: string;
  keyVariable: string;
  tokenLimit: string;
  /** The file's name without its ending; Java names its class by it. */
  stem: string;
};

export type WrapperTemplate = {
  language: string;
  extension: string;
  /** What it needs besides the language's own library. */
  requires: string;
  code: (subject: WrapperSubject) => string;
};

const python: WrapperTemplate = {
  language: 'python',
  extension: '.py',
  requires: 'Python 3.10 or newer, no packages.',
  code: pythonWrapper,
};
const typescript: WrapperTemplate = {
  language: 'typescript',
  extension: '.ts',
  requires: 'Node 20 or newer, no packages.',
  code: typescriptWrapper,
};
const javascript: WrapperTemplate = {
  language: 'javascript',
  extension: '.mjs',
  requires: 'Node 20 or newer as an ES module, no packages.',
  code: javascriptWrapper,
};
const go: WrapperTemplate = {
  language: 'go',
  extension: '.go',
  requires: 'Go 1.22 or newer, no packages.',
  code: goWrapper,
};
const java: WrapperTemplate = {
  language: 'java',
  extension: '.java',
  requires: 'Java 17 or newer and com.fasterxml.jackson.core:jackson-databind.',
  code: javaWrapper,
};
const ruby: WrapperTemplate = {
  language: 'ruby',
  extension: '.rb',
  requires: 'Ruby 3.1 or newer, no gems.',
  code: rubyWrapper,
};

const byExtension: Readonly<Record<string, WrapperTemplate>> = {
  py: python,
  pyi: python,
  ts: typescript,
  mts: typescript,
  js: javascript,
  mjs: javascript,
  go,
  java,
  rb: ruby,
};

/** Endings of files that a wrapper can be written for. */
export const wrapperExtensions: readonly string[] = Object.keys(byExtension);

/** The template for a file's ending; Python's where no file is named, undefined where there is none. */
export function wrapperFor(path: string | undefined): WrapperTemplate | undefined {
  if (path === undefined) return python;
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(byExtension, ending) ? byExtension[ending] : undefined;
}
