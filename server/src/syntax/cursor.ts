/** Decides how a tree is walked: on the parser's own cursor in WASM memory, without an object for each node. */
import type { Tree } from 'web-tree-sitter';

/** The functions of the WASM module that a walk needs; web-tree-sitter's own TreeCursor calls the same ones. */
const exportNames = [
  '_ts_tree_root_node_wasm',
  '_ts_tree_cursor_new_wasm',
  '_ts_tree_cursor_delete_wasm',
  '_ts_tree_cursor_goto_first_child_wasm',
  '_ts_tree_cursor_goto_next_sibling_wasm',
  '_ts_tree_cursor_goto_parent_wasm',
  '_ts_tree_cursor_current_node_type_id_wasm',
  '_ts_tree_cursor_current_field_id_wasm',
  '_ts_tree_cursor_start_index_wasm',
  '_ts_tree_cursor_end_index_wasm',
] as const;

type WalkExports = Record<(typeof exportNames)[number], (tree: number) => number>;

/** The options object given to `Parser.init`, which becomes the WASM module itself. */
export type WasmModule = Partial<WalkExports> & { HEAPU8?: Uint8Array };

/** Type id that tree-sitter gives to what it could not parse. */
export const errorTypeId = 65_535;

/**
 * A walk over one tree at a time. The public TreeCursor copies the cursor into and out of WASM memory around each step,
 * which doubles a walk's cost; here it stays where it is, in the module's one transfer buffer. So nothing else of
 * web-tree-sitter may be called between `open` and `close`. Offsets are UTF-16 units.
 */
export class Cursor {
  readonly #exports: WalkExports;
  #tree = 0;

  /** Throws when the module has not the functions that the pinned version of web-tree-sitter has. */
  constructor(module: WasmModule) {
    for (const name of exportNames) {
      if (typeof module[name] !== 'function')
        throw new Error(`web-tree-sitter has no ${name}: another version is installed`);
    }
    this.#exports = module as WalkExports;
  }

  /** Starts at the root of a tree, which must live until `close`. */
  open(tree: Tree): void {
    this.#tree = (tree as unknown as { 0: number })[0];
    this.#exports._ts_tree_root_node_wasm(this.#tree);
    this.#exports._ts_tree_cursor_new_wasm(this.#tree);
  }

  /** Frees the cursor's memory. */
  close(): void {
    this.#exports._ts_tree_cursor_delete_wasm(this.#tree);
    this.#tree = 0;
  }

  firstChild(): boolean {
    return this.#exports._ts_tree_cursor_goto_first_child_wasm(this.#tree) === 1;
  }

  nextSibling(): boolean {
    return this.#exports._ts_tree_cursor_goto_next_sibling_wasm(this.#tree) === 1;
  }

  parent(): boolean {
    return this.#exports._ts_tree_cursor_goto_parent_wasm(this.#tree) === 1;
  }

  typeId(): number {
    return this.#exports._ts_tree_cursor_current_node_type_id_wasm(this.#tree);
  }

  /** 0 when the node has no field name in its parent. */
  fieldId(): number {
    return this.#exports._ts_tree_cursor_current_field_id_wasm(this.#tree);
  }

  start(): number {
    return this.#exports._ts_tree_cursor_start_index_wasm(this.#tree);
  }

  end(): number {
    return this.#exports._ts_tree_cursor_end_index_wasm(this.#tree);
  }
}
