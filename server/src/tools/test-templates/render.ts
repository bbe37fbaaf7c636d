/** Decides which template a language has: its usual framework, its place, and one test a function. Pure. */
import { csharp, java, kotlin, php, swift } from './class-based.ts';
import { javascript } from './javascript.ts';
import { cpp, elixir, go, python, ruby, rust } from './plain.ts';
import type { Renderer, TestSubject, TestTemplate } from './template.ts';

const renderers: Readonly<Record<string, Renderer>> = {
  javascript,
  typescript: javascript,
  tsx: javascript,
  python,
  go,
  rust,
  java,
  kotlin,
  csharp,
  php,
  swift,
  ruby,
  c: cpp,
  cpp,
  elixir,
};

/** The template, or undefined where no framework is usual for the language. */
export function renderTestTemplate(subject: TestSubject): TestTemplate | undefined {
  return renderers[subject.language]?.(subject);
}
