/** Decides which languages can use each other's names, and how names become visible in them. */

const families: Readonly<Record<string, string>> = {
  javascript: 'js',
  typescript: 'js',
  vue: 'js',
  svelte: 'js',
  astro: 'js',
  c: 'c',
  cpp: 'c',
  objectivec: 'c',
  java: 'jvm',
  kotlin: 'jvm',
  scala: 'jvm',
  groovy: 'jvm',
};

/** Languages of one family can call each other; any other language is a family of its own. */
export function familyOf(language: string): string {
  return families[language] ?? language;
}

/** Families in which files of one directory see each other's names without an import. */
const byDirectory: ReadonlySet<string> = new Set(['go', 'jvm', 'csharp', 'swift', 'hcl']);

/** True when a directory is one namespace. */
export function sharesDirectory(language: string): boolean {
  return byDirectory.has(familyOf(language));
}

/** Families in which every file sees the public names of all others, so that no import tells what is meant. */
const global: ReadonlySet<string> = new Set(['ruby', 'csharp', 'swift', 'php', 'sql', 'css', 'shell', 'elixir']);

export function isGlobal(language: string): boolean {
  return global.has(familyOf(language));
}

/** Families in which a method may be called by its bare name from inside its type. */
const implicit: ReadonlySet<string> = new Set(['jvm', 'csharp', 'c', 'ruby', 'swift']);

export function hasImplicitReceiver(language: string): boolean {
  return implicit.has(familyOf(language));
}

/** Families whose `exported: false` is enforced: elsewhere nobody can use such a name. Others only mark it by spelling or later. */
const enforced: ReadonlySet<string> = new Set(['go', 'jvm', 'csharp', 'swift', 'c']);

export function enforcesPrivacy(language: string): boolean {
  return enforced.has(familyOf(language));
}

/** Families in which a capital letter starts the names of types only, by convention, never those of objects. */
const capitalTypes: ReadonlySet<string> = new Set(['js', 'jvm', 'python', 'rust', 'php', 'ruby', 'swift', 'dart']);

export function namesTypesByCase(family: string): boolean {
  return capitalTypes.has(family);
}

/** Languages in which a dollar before a name means its value, and is no part of it. */
const sigils: ReadonlySet<string> = new Set(['shell', 'php', 'perl', 'make', 'powershell']);

export function usesSigils(language: string): boolean {
  return sigils.has(language);
}
