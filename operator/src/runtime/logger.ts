/** Decides what a line of the log looks like, and what never gets into one. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { ApiError } from './api-error.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Keys whose values are secrets wherever they stand, up to one level deep. */
const secretKeys = ['token', 'password', 'authorization', 'data', 'stringData', 'headers'];

/** A logger of JSON lines on standard output: `time` in ISO form, `level` as a word, `err` with code and remedy. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    // The same key as the server's, so that one query reads both.
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    serializers: { err: describeError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Expected failures of the API are told by code and remedy; a stack is for what nobody expected. */
function describeError(error: unknown): object {
  if (error instanceof ApiError) return { code: error.code, message: error.message, remedy: error.remedy };
  if (!(error instanceof Error)) return { message: String(error) };
  return { name: error.name, message: error.message, stack: error.stack };
}
