/** Decides what the audit log says of a tool call: who, what, on which codebase, how long and how it ended. */
import type { AuthSettings, ServerConfig } from '../contract.ts';
import { createLogger, type LogOutput } from '../observability/logger.ts';
import { maskSecrets } from '../observability/redaction.ts';
import type { ToolObservation } from '../tools/run.ts';

/** Longest text of an argument that a line repeats. */
const maxTextLength = 500;
const maxItems = 50;
const maxDepth = 5;

export type AuditLog = { record: (call: ToolObservation) => void };

export type AuditLogDeps = {
  /** Asked at each call, so that it follows a reload. */
  settings: () => AuthSettings['audit'];
  /** Whether the server's log takes lines of the level info. */
  isOn: () => boolean;
  format: ServerConfig['logging']['format'];
  /** Many lines come, so it had better be batched. */
  output: LogOutput;
};

/**
 * Makes the log. Its lines are those with `"audit":true`. It is on the way of every call, so it leaves out the search for
 * secrets in fixed keys: what could hold one is masked before.
 */
export function createAuditLog({ settings, isOn, format, output }: AuditLogDeps): AuditLog {
  const root = createLogger({ level: 'info', format }, output);
  const log = root.child({ audit: true }, { redact: ['-'] });
  return {
    record: ({ tool, caller, client, codebase, seconds, outcome, code, requestId, args }) => {
      const { enabled, arguments: withArguments } = settings();
      if (!enabled || !isOn()) return;
      log.info(
        {
          caller,
          // Of who is not known by name, the address.
          ...(client !== undefined && client !== caller && { client }),
          tool,
          ...(codebase !== undefined && { codebase }),
          ms: Math.round(seconds * 1_000_000) / 1000,
          outcome,
          ...(code !== undefined && { code }),
          ...(requestId !== undefined && { requestId }),
          ...(withArguments && { arguments: shortened(maskSecrets(args ?? {}), maxDepth) }),
        },
        'Tool call',
      );
    },
  };
}

/** The same with long texts cut and long lists ended: arguments may hold a megabyte. */
function shortened(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length <= maxTextLength ? value : `${value.slice(0, maxTextLength)}…`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => shortened(item, depth - 1));
  const entries = Object.entries(value).slice(0, maxItems);
  return Object.fromEntries(entries.map(([key, item]) => [key.slice(0, 100), shortened(item, depth - 1)]));
}
