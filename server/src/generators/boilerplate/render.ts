/** Decides what boilerplate a request gives: names made identifiers, the codebase's conventions kept, the language's template filled in. Pure. */
import { CodeSageError } from '../../errors.ts';
import { csharp, java, kotlin } from './class-based.ts';
import { go, rust } from './compiled.ts';
import type { Conventions } from './conventions.ts';
import { javascript, typescript } from './javascript.ts';
import { identifierOf, reservedIn, styled, wordsOf } from './names.ts';
import { php, python, ruby } from './scripts.ts';
import { type BoilerplateType, finished, type LanguageTemplate, type Lines, type Subject } from './template.ts';

const templates: readonly LanguageTemplate[] = [
  typescript,
  javascript,
  python,
  go,
  rust,
  java,
  csharp,
  ruby,
  php,
  kotlin,
];

/** Languages that there are templates for. */
export const boilerplateLanguages: readonly string[] = templates.map(({ language }) => language);

export function templateFor(language: string): LanguageTemplate | undefined {
  return templates.find((one) => one.language === language);
}

export type BoilerplateRequest = {
  type: BoilerplateType;
  template: LanguageTemplate;
  conventions: Conventions;
  /** The new file's name without its ending; '' where none is named. */
  stem: string;
  moduleName?: string;
  functionName?: string;
  className?: string;
};

export type Boilerplate = {
  code: string;
  fileName: string;
  framework?: string;
  requires?: string;
  /** Names that were written otherwise than given. */
  renamed: { given: string; written: string }[];
};

/** @throws CodeSageError `InvalidArgument` for a name without letters. */
export function renderBoilerplate(request: BoilerplateRequest): Boilerplate {
  const { type, template, conventions } = request;
  const renamed: Boilerplate['renamed'] = [];
  const subject = subjectOf(request, renamed);
  const body = type === 'file_header' ? template.about(subject) : template.render[type](subject);
  const requires = template.requires(type, subject);
  return {
    code: `${[...headOf(request), finished(body, conventions, template)].join('\n')}\n`,
    fileName: template.fileName(type, subject),
    ...(type === 'test' && { framework: subject.framework }),
    ...(requires !== undefined && { requires }),
    renamed,
  };
}

/** What stands above the code: first line of the language, and the codebase's licence. A function goes into a file that has both. */
function headOf({ type, template, conventions }: BoilerplateRequest): Lines {
  const isPart = type === 'function';
  // Without its opening, PHP would be text.
  const opening = template.opening === undefined || (isPart && template.language !== 'php') ? [] : [template.opening];
  const header = isPart || conventions.header === undefined ? [] : [...conventions.header, ''];
  return opening.length > 0 ? [...opening, ...(header.length > 0 || !isPart ? [''] : []), ...header] : header;
}

function subjectOf(request: BoilerplateRequest, renamed: Boilerplate['renamed']): Subject {
  const { type, template, conventions, stem } = request;
  const { language } = template;
  const reserved = reservedIn(language);
  // A name that Go takes stays: whether it is for other packages is the caller's choice.
  const isGoName =
    language === 'go' && request.functionName !== undefined && /^[A-Za-z_]\w*$/.test(request.functionName);
  const usualStyle = language === 'go' ? 'pascal' : (conventions.functionStyle ?? template.functionStyle);
  const functionStyle = isGoName ? 'camel' : usualStyle;
  const made = (given: string | undefined, style: 'camel' | 'snake' | 'pascal', fallback: string): string => {
    if (given === undefined) return identifierOf(fallback, style, reserved) ?? styled(['example'], style);
    const written = identifierOf(given, style, reserved);
    if (written === undefined) throw noName(given);
    if (written !== given) renamed.push({ given: given.slice(0, 200), written });
    return written;
  };
  const file = type === 'test' ? stem.replace(testParts, '') : stem;
  const base = wordsOf(file).join('_');
  const moduleWords =
    request.moduleName ?? request.functionName ?? request.className ?? (base === '' ? 'example' : base);
  const isOfClass = request.className !== undefined && request.functionName === undefined;
  const first = request.functionName ?? request.className ?? request.moduleName ?? moduleWords;
  const words = wordsOf(first);
  while (words[0] !== undefined && /^\d/.test(words[0])) words.shift();
  const known = words.length > 0 ? words : ['example'];
  const moduleName = made(
    request.moduleName,
    language === 'typescript' || language === 'javascript' ? 'camel' : 'snake',
    moduleWords,
  );
  return {
    functionName: made(request.functionName, functionStyle, styled(known, 'snake')),
    className: made(request.className, 'pascal', styled(wordsOf(moduleWords), 'pascal')),
    moduleName,
    fileStem: request.moduleName === undefined && plainFile.test(file) ? file : moduleName,
    title: titleOf(wordsOf(moduleWords)),
    toolName: styled(known, 'snake'),
    pascal: styled(known, 'pascal'),
    snake: styled(known, 'snake'),
    fileSnake: styled(wordsOf(moduleWords), 'snake') || 'example',
    isClassTest: type === 'test' && isOfClass,
    framework: conventions.testFramework ?? template.testFrameworks[0]?.name ?? '',
    namespace: conventions.namespace,
  };
}

/** What names of test files add to the name of what they test. */
const testParts = /^test_|(?:_test|_spec|\.test|\.spec|Tests?)$/;
/** File names that can stand in a string of any language. */
const plainFile = /^[A-Za-z0-9_][\w.-]{0,80}$/;

function titleOf(words: readonly string[]): string {
  const text = words.join(' ').toLowerCase();
  return text === '' ? 'Example' : text.charAt(0).toUpperCase() + text.slice(1);
}

function noName(given: string): CodeSageError {
  return new CodeSageError(
    'InvalidArgument',
    `${JSON.stringify(given.slice(0, 100))} has no letter of A to Z that a name could begin with.`,
    'Write a name such as retryPayment.',
  );
}
