#!/usr/bin/env node
/** Decides how the operator's process begins and ends: arguments, signals, exit codes. */
import { type Config, exitCodes, parseConfig } from './config.ts';
import { startOperator } from './operator.ts';
import { systemClock } from './runtime/clock.ts';
import { loadKubeConfig } from './runtime/connection.ts';
import { createLogger } from './runtime/logger.ts';
import { createMetrics } from './runtime/metrics.ts';

async function run(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'unexpected failure; the process ends and is started again');
    process.exit(exitCodes.failed);
  });
  const operator = await startOperator({
    config,
    kubeConfig: loadKubeConfig(config),
    clock: systemClock,
    random: Math.random,
    metrics: createMetrics({ processMetrics: true }),
    logger,
  });
  // Another replica may act already: nothing is finished, flushed or released.
  void operator.ended.then((code) => process.exit(code));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'stopping');
      // A second signal ends it without grace.
      process.once(signal, () => process.exit(exitCodes.failed));
      void operator.stop().then(
        () => process.exit(exitCodes.done),
        (error: unknown) => {
          logger.error({ err: error }, 'the operator did not stop in order');
          process.exit(exitCodes.failed);
        },
      );
    });
  }
}

const parsed = parseConfig(process.argv.slice(2), process.env);
if ('exit' in parsed) {
  process[parsed.exit === exitCodes.done ? 'stdout' : 'stderr'].write(parsed.output);
  process.exitCode = parsed.exit;
} else {
  try {
    await run(parsed.config);
  } catch (error) {
    createLogger(parsed.config.logLevel).fatal({ err: error }, 'the operator could not start');
    process.exitCode = exitCodes.failed;
  }
}
