/** The Node that is fetched where the machine's is too old. */
export const nodeRelease: string;
/** Path of a Node of at least version 24, fetched if need be. */
export function ensureNode(): string;
/** Whether node_modules holds what the lockfile names. */
export function isInstalled(root?: string): boolean;
/** Runs a script under Node 24 with this process's input and output, and ends this process as it ended. */
export function launch(entry: string, args: string[]): Promise<never>;
