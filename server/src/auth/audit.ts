/** Decides what the audit log says of a tool call: who, what, on which codebase, how long and how it ended. */
import type { Logger } from 'pino';
import type { AuthSettings } from '../contract.ts';
import { maskSecrets } from '../observability/redaction.ts';
import type { ToolObservation } from '../tools/run.ts';

/** Longest text of an argument that a line repeats. */
const maxTextLength = 500;
const maxItems = 50;
const maxDepth = 5;

export type AuditLog = { record: (call: ToolObservation) => void };

/** Makes the log. Its lines are those with `"audit":true`; `settings` is asked at each, so that it follows a reload. */
export function createAuditLog(settings: () => AuthSettings['audit'], log: Logger): AuditLog {
  return {
    record: ({ tool, caller, client, codebase, seconds, outcome, code, requestId, args }) => {
      const { enabled, arguments: withArguments } = settings();
      if (!enabled || !log.isLevelEnabled('info')) return;
      log.info(
        {
          audit: true,
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
