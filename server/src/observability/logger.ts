/** Decides how log lines look: JSON with fixed keys, or the plain lines that the runbook's greps were written for. */
import pino, { type DestinationStream, type Logger } from 'pino';
import type { ServerConfig } from '../contract.ts';
import { maskUrl, redactedLogKeys } from './redaction.ts';

/** Where a line goes. In stdio mode this must be stderr: stdout belongs to the protocol. */
export type LogOutput = { write: (line: string) => unknown };

/** Makes the root logger. */
export function createLogger(logging: ServerConfig['logging'], output: LogOutput): Logger {
  // Read for each line: the format may change while the server runs.
  const destination: DestinationStream = {
    write: (line) => void output.write(logging.format === 'text' ? toTextLine(line) : line),
  };
  return pino(
    {
      level: logging.level,
      base: undefined,
      messageKey: 'message',
      timestamp: () => `,"time":"${isoNow()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedLogKeys, censor: '***' },
      serializers: {
        url: (value: unknown) => (typeof value === 'string' ? maskUrl(value) : value),
        err: describeError,
      },
    },
    destination,
  );
}

const plainLogs = new WeakMap<Logger, Logger>();

/** The same log for lines that are the same each time: nothing in them is looked for that must not be told. */
export function plainLog(log: Logger): Logger {
  const known = plainLogs.get(log) ?? log.child({}, { redact: ['-'] });
  // A child does not follow when the level changes.
  if (known.level !== log.level) known.level = log.level;
  plainLogs.set(log, known);
  return known;
}

let last = { atMs: 0, text: '' };

/** The time as lines tell it; written once for all lines of a millisecond. */
export function isoNow(): string {
  const atMs = Date.now();
  if (atMs !== last.atMs) last = { atMs, text: new Date(atMs).toISOString() };
  return last.text;
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? { code: error.code } : {};
  return { type: error.name, ...code, message: error.message, stack: error.stack };
}

const levelNames: Readonly<Record<string, string>> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL',
};
const leadKeys = new Set(['level', 'time', 'message']);

/** One JSON line as `LEVEL: message key=value …`, the form of the runbook (4.2). */
export function toTextLine(line: string): string {
  const record = JSON.parse(line) as Record<string, unknown>;
  const extra = Object.entries(record)
    .filter(([key]) => !leadKeys.has(key))
    .map(([key, value]) => ` ${key}=${textValue(value)}`);
  return `${levelNames[String(record.level)] ?? 'INFO'}: ${record.message ?? ''}${extra.join('')}\n`;
}

function textValue(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return /\s/.test(String(value)) ? JSON.stringify(value) : String(value);
  const { stack: _, ...rest } = value as Record<string, unknown>;
  return JSON.stringify(rest);
}
