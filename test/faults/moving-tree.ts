/** Decides how a tree of real files moves on from one version to the next: some files change, come, go and take other names. */
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Repeatable random numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const project = new URL('../../', import.meta.url).pathname;
const rooms = ['server/src', 'operator/src', 'docs', 'hack', 'crds', 'config', 'charts'];
/** Files that carry the tree's version, spread over it, so that a mixture of two versions shows. */
const witnessCount = 40;
const witnessText = (version: number, i: number) =>
  `package witness\n\n// Witness${i} tells which version of the tree it is of.\nfunc Witness${i}() string {\n\treturn "treeversion${version}"\n}\n`;

/** This project's own sources, as something that can be changed. */
export class MovingTree {
  readonly root: string;
  version = 0;
  readonly #random: () => number;

  constructor(root: string, random: () => number) {
    this.root = root;
    this.#random = random;
    for (const room of rooms) cpSync(join(project, room), join(root, room), { recursive: true });
    this.#witness();
  }

  /** Changes about a tenth of the files, deletes, adds and renames a few, and gives every witness the new version. */
  move(): void {
    this.version++;
    const files = readdirSync(this.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('witness'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const path of files) {
      const chance = this.#random();
      if (chance < 0.1) writeFileSync(path, `${readFileSync(path, 'utf8')}\n// changed in ${this.version}\n`);
      else if (chance < 0.12) rmSync(path);
      else if (chance < 0.14)
        renameSync(path, join(dirname(path), `renamed-${this.version}-${files.indexOf(path)}.ts`));
      else if (chance < 0.17) writeFileSync(`${path}.${this.version}.ts`, readFileSync(path, 'utf8'));
    }
    this.#witness();
  }

  #witness(): void {
    for (let i = 0; i < witnessCount; i++) {
      const path = join(this.root, `part${i % 8}`, `witness${i}.go`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, witnessText(this.version, i));
    }
  }
}
