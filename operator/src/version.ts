/** Decides which version this operator says to be: that of its package. */
import manifest from '../package.json' with { type: 'json' };

export const version: string = manifest.version;
