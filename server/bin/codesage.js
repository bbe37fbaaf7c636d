#!/usr/bin/env node
// Decides which Node runs the server: this one when it is new enough, else the project's own. Plain JavaScript, because
// older versions of Node start it.
import { fileURLToPath } from 'node:url';

const wanted = 24;
const main = new URL('../src/main.ts', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= wanted) {
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
