/** Decides what of a file's profile is told: one function or all, the likely slowest first, so many at most. */
import type { FileProfile, FunctionProfile } from './port.ts';

export type NarrowedProfile = FileProfile & {
  totalFunctions: number;
  totalConcerns: number;
  /** Names to choose from, where none of the file's functions has the name that was asked for. */
  otherNames?: string[];
};

const mostEntries = 500;
const mostNames = 30;

/** A plain name means every function that is called so; one with containers, that one. */
export function narrowed(profile: FileProfile, functionName: string | undefined): NarrowedProfile {
  const functions = profile.functions.filter(({ name }) => functionName === undefined || isNamed(name, functionName));
  if (functionName !== undefined && functions.length === 0) {
    const names = profile.functions.map(({ name }) => name).filter((name) => name !== '');
    const nothing = { functions: [], concerns: [], totalFunctions: 0, totalConcerns: 0 };
    return { ...profile, ...nothing, otherNames: names.slice(0, mostNames) };
  }
  const names = new Set(functions.map(({ name }) => name));
  const concerns = profile.concerns.filter((one) => functionName === undefined || names.has(one.functionName));
  const ranked = functions.toSorted((a, b) => weight(b) - weight(a) || a.startLine - b.startLine);
  return {
    ...profile,
    functions: ranked.slice(0, mostEntries),
    concerns: concerns.slice(0, mostEntries),
    totalFunctions: functions.length,
    totalConcerns: concerns.length,
  };
}

function isNamed(name: string, wanted: string): boolean {
  const plain = wanted.replaceAll('::', '.').replaceAll('#', '.');
  return name === plain || name.endsWith(`.${plain}`);
}

/** Loops count most, then what makes code hard to follow. */
function weight({ growth, complexity, callsInLoops, nesting }: FunctionProfile): number {
  const power = growth === 'O(1)' ? 0 : Number(/n\^(\d+)/.exec(growth)?.[1] ?? 1);
  return power * 1000 + callsInLoops * 10 + complexity + nesting;
}
