#!/usr/bin/env node
// Decides which Node runs the server: this one when it is new enough, else the project's own; and where what it compiles is
// kept, so that the next start takes two thirds of the time. Plain JavaScript, because older versions of Node start it.
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const wanted = 24;
const main = new URL('../src/main.ts', import.meta.url);

// In the user's own directory: what is in it is run. Where it cannot be written, as in a pod, all is compiled each time.
process.env.NODE_COMPILE_CACHE ??= join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'codesage', 'code');

if (Number(process.versions.node.split('.')[0]) >= wanted) {
  // Threads read the variable by themselves.
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  const { main: run } = await import(main.href);
  await run(process.argv.slice(2));
} else {
  const launcher = new URL('../../hack/launch.mjs', import.meta.url);
  const { launch } = await import(launcher.href).catch(() => {
    console.error(`codesage needs Node ${wanted} or newer; this is ${process.version}.`);
    process.exit(2);
  });
  await launch(fileURLToPath(import.meta.url), process.argv.slice(2));
}
