/** Decides which paths the architecture page points at, and whether a folder with sources is missing from it. */

/** Paths in the last column of the component table, without duplicates. */
export function pathsIn(page: string): string[] {
  const rows = page.split('\n').filter((line) => /^\|.*`[^`]+`\s*\|\s*$/.test(line));
  const cells = rows.map((row) => row.split('|').at(-2) ?? '');
  return [...new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path)))];
}

/** Folders that no listed path names, or holds, or is held by. */
export function unmentioned(folders: readonly string[], paths: readonly string[]): string[] {
  const near = (folder: string, path: string) =>
    folder === path || folder.startsWith(`${path}/`) || path.startsWith(`${folder}/`);
  return folders.filter((folder) => !paths.some((path) => near(folder, path)));
}
