/** Decides what one test run consists of and in which order; prints the time of each stage and, last, one count over all layers. */
import { randomInt } from 'node:crypto';
import process from 'node:process';
import { Command, Option } from 'commander';
import { runCheck, runLayer, startPreparation } from './test-run/run.ts';
import { checks, type Layer, layers, localLayers, type StageResult } from './test-run/stages.ts';
import { summarise } from './test-run/summary.ts';

type Options = { testNamePattern?: string; checks: boolean };

/** Kills of a run that asks for faults by name; a whole run makes the few that the tests choose themselves. */
const manyKills = '50';
/** Inputs a tool of a run that asks for fuzz by name; a whole run makes some hundreds, always the same. */
const manyInputs = '10000';

/** Runs the chosen layers, and for a whole run the checks of the sources before them. Resolves to the exit code. */
async function testRun(chosen: Layer[], options: Options): Promise<number> {
  const whole = chosen.length === layers.length && options.testNamePattern === undefined;
  const results: StageResult[] = [];
  if (chosen.length === 1 && chosen[0] === 'faults') process.env.CODESAGE_FAULTS_KILLS ??= manyKills;
  if (chosen.length === 1 && chosen[0] === 'fuzz') askForManyInputs();
  const preparation = chosen.some((layer) => !localLayers.has(layer)) ? startPreparation(chosen) : undefined;
  if (whole && options.checks) for (const check of checks) results.push(await runCheck(check));
  for (const layer of chosen) {
    if (!localLayers.has(layer)) results.push(...(await (preparation?.finished(layer) ?? [])));
    results.push(await runLayer(layer, options.testNamePattern));
  }
  const summary = summarise(results);
  process.stdout.write(summary.text);
  return summary.failed > 0 ? 1 : 0;
}

/** Other inputs each time; the seed with which the same come again is printed. */
function askForManyInputs(): void {
  process.env.CODESAGE_FUZZ_INPUTS ??= manyInputs;
  process.env.CODESAGE_FUZZ_SEED ??= String(randomInt(2 ** 31));
  const { CODESAGE_FUZZ_INPUTS: inputs, CODESAGE_FUZZ_SEED: seed } = process.env;
  process.stdout.write(`${inputs} inputs a tool, CODESAGE_FUZZ_SEED=${seed}\n`);
}

const program = new Command('hack/test')
  .description(
    'Runs the checks of the sources and the tests. Without a layer: everything (generated files, types, lint, requirements, unit, integration, e2e).\n' +
      'faults by name makes 50 kills where a whole run makes a few, fuzz by name 10,000 inputs a tool where a whole run makes some hundreds. integration needs the binaries of a real API server, e2e a real node as well; both are built on first use and cached.',
  )
  .argument('[layer...]', `one or more of ${layers.join(', ')}; default: all`)
  .addOption(new Option('-t, --test-name-pattern <name>', 'run only tests whose name matches'))
  .addOption(new Option('--no-checks', 'leave out generated files, types, lint and requirements'))
  .action(async (names: string[], options: Options) => {
    const unknown = names.filter((name) => !layers.includes(name as Layer));
    if (unknown.length > 0)
      program.error(`hack/test: no layer named ${unknown.join(', ')}; choose from ${layers.join(', ')}`);
    const chosen = names.length === 0 ? [...layers] : layers.filter((layer) => names.includes(layer));
    process.exitCode = await testRun(chosen, options);
  });

await program.parseAsync();
