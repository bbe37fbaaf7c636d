/** Decides how files read as a tree: one line each, indented; directories below the depth, and chains of single ones, in one line. */
import type { FileFacts } from '../analysis/port.ts';

type Folder = { folders: Map<string, Folder>; files: FileFacts[]; totalFiles: number; totalLines: number };

const emptyFolder = (): Folder => ({ folders: new Map(), files: [], totalFiles: 0, totalLines: 0 });

/** The lines of the tree; `maxDepth` counts levels of directories. */
export function renderTree(files: readonly FileFacts[], maxDepth: number): string[] {
  const root = emptyFolder();
  for (const file of files) add(root, file);
  return linesOf(root, '', maxDepth);
}

function add(root: Folder, file: FileFacts): void {
  const parts = file.path.split('/').slice(0, -1);
  let at = root;
  for (const part of parts) {
    const next = at.folders.get(part) ?? emptyFolder();
    at.folders.set(part, next);
    next.totalFiles++;
    next.totalLines += file.lines;
    at = next;
  }
  at.files.push(file);
}

function linesOf({ folders, files }: Folder, indent: string, depth: number): string[] {
  const lines: string[] = [];
  for (const [first, start] of [...folders].sort(([x], [y]) => (x < y ? -1 : 1))) {
    let [name, folder] = [first, start];
    // A directory that holds one directory only says nothing by itself.
    while (folder.files.length === 0 && folder.folders.size === 1) {
      const [[inner, next]] = [...folder.folders] as [[string, Folder]];
      [name, folder] = [`${name}/${inner}`, next];
    }
    const isHidden = depth <= 1;
    lines.push(`${indent}${name}/${isHidden ? `  (${folder.totalFiles} files, ${folder.totalLines} lines)` : ''}`);
    if (!isHidden) lines.push(...linesOf(folder, `${indent}  `, depth - 1));
  }
  for (const { path, lines: count } of files)
    lines.push(`${indent}${path.slice(path.lastIndexOf('/') + 1)}  (${count} lines)`);
  return lines;
}
