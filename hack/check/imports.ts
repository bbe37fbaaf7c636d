/** Decides which rooms of the sources may import from which. */
import { posix } from 'node:path';

/** An import: the file that has it, and what it names (a package, or a path from the root of the checkout). */
export type Import = { file: string; target: string };

/** A rule about the imports of the files under `room`. */
export type ImportRule = { room: string; allows: (target: string) => boolean; why: string };

const inside =
  (...folders: string[]) =>
  (target: string) =>
    folders.some((folder) => target.startsWith(folder));
const isPackage = (target: string) => !/^(operator|server|hack|test)\//.test(target);
const isOwnPackage = (target: string) => target.startsWith('@codesage/');

/** Tests and their helpers may reach further than what they test. */
const isTest = (file: string) => /\.test\.ts$|\/testing\//.test(file);

export const importRules: readonly ImportRule[] = [
  {
    room: 'operator/src/',
    allows: (target) =>
      isPackage(target)
        ? !isOwnPackage(target) || target === '@codesage/server/contract'
        : inside('operator/src/', 'operator/package.json')(target),
    why: 'the operator may know the contract of the server and nothing else of it',
  },
  {
    room: 'operator/src/runtime/',
    allows: (target) => (isPackage(target) ? !isOwnPackage(target) : inside('operator/src/runtime/')(target)),
    why: 'the runtime knows nothing of CodeSage',
  },
  {
    room: 'operator/src/api/',
    allows: (target) => isPackage(target) || inside('operator/src/api/')(target),
    why: 'the API is what all else is made from',
  },
  {
    room: 'server/src/',
    allows: (target) =>
      isPackage(target) ? !isOwnPackage(target) : inside('server/src/', 'server/package.json')(target),
    why: 'the server knows nothing of the operator',
  },
  {
    room: 'server/src/contract.ts',
    allows: (target) => target === 'zod',
    why: 'the operator bundles the contract, so it depends on nothing but zod',
  },
  {
    room: 'server/src/tools/',
    allows: (target) =>
      isPackage(target) || !inside('server/src/index/', 'server/src/sources/', 'server/src/search/')(target),
    why: 'tools know the engine by its port only',
  },
];

/** The imports of one file, type imports included. */
export function importsIn(file: string, text: string): Import[] {
  const named = text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...named].map(([, name = '']) => ({
    file,
    target: name.startsWith('.') ? posix.join(posix.dirname(file), name) : name,
  }));
}

/** One sentence for every import that a rule refuses. */
export function refusedImports(imports: readonly Import[], rules: readonly ImportRule[] = importRules): string[] {
  return imports.flatMap(({ file, target }) =>
    rules
      .filter(({ room, allows }) => file.startsWith(room) && !isTest(file) && !allows(target))
      .map(({ why }) => `${file} imports ${target}: ${why}`),
  );
}
