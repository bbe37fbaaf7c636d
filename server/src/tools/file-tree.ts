/** Decides how files read as a tree: one line each, indented; directories below the depth, and chains of single ones, in one line. */
import type { FileFacts } from '../analysis/port.ts';

type Folder = { folders: Map<string, Folder>; files: FileFacts[]; totalFiles: number; totalLines: number };

const emptyFolder = (): Folder => ({ folders: new Map(), files: [], totalFiles: 0, totalLines: 0 });

/** `depth`: how many lines above it hold the directories that it is in. */
type TreeLine = { depth: number; text: string };

/** The lines of the tree; `maxDepth` counts levels of directories. */
export function renderTree(files: readonly FileFacts[], maxDepth: number): TreeLine[] {
  const root = emptyFolder();
  for (const file of files) add(root, file);
  return linesOf(root, 0, maxDepth);
}

/** The directories that the line at `index` is in, outermost first: a page that starts there repeats them. */
export function linesAround(lines: readonly TreeLine[], index: number): TreeLine[] {
  const around: TreeLine[] = [];
  let depth = lines[index]?.depth ?? 0;
  for (let at = index - 1; at >= 0 && depth > 0; at--) {
    const line = lines[at] as TreeLine;
    if (line.depth >= depth) continue;
    around.unshift(line);
    depth = line.depth;
  }
  return around;
}

/** A line as it is shown. */
export function indented({ depth, text }: TreeLine): string {
  return '  '.repeat(depth) + text;
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

function linesOf({ folders, files }: Folder, depth: number, levelsLeft: number): TreeLine[] {
  const lines: TreeLine[] = [];
  for (const [first, start] of [...folders].sort(([x], [y]) => (x < y ? -1 : 1))) {
    let [name, folder] = [first, start];
    // A directory that holds one directory only says nothing by itself.
    while (folder.files.length === 0 && folder.folders.size === 1) {
      const [[inner, next]] = [...folder.folders] as [[string, Folder]];
      [name, folder] = [`${name}/${inner}`, next];
    }
    const isHidden = levelsLeft <= 1;
    const sum = isHidden ? `  (${folder.totalFiles} files, ${folder.totalLines} lines)` : '';
    lines.push({ depth, text: `${name}/${sum}` });
    if (!isHidden) for (const line of linesOf(folder, depth + 1, levelsLeft - 1)) lines.push(line);
  }
  for (const { path, lines: count } of files)
    lines.push({ depth, text: `${path.slice(path.lastIndexOf('/') + 1)}  (${count} lines)` });
  return lines;
}
