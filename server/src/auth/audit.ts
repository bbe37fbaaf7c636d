/** Decides what the audit log says of a tool call: who, what, on which codebase, how long and how it ended. */
import type { AuthSettings, ServerConfig } from '../contract.ts';
import { isoNow, type LogOutput, toTextLine } from '../observability/logger.ts';
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
 * Makes the log. Its lines are those with `"audit":true`. It is on the way of every call, so it writes them itself: a logger
 * takes four times as long, most of it for secrets in keys that these lines do not have. What could hold one is masked before.
 */
export function createAuditLog({ settings, isOn, format, output }: AuditLogDeps): AuditLog {
  const write = (line: string) => void output.write(format === 'text' ? toTextLine(line) : `${line}\n`);
  return {
    record: ({ tool, caller, client, codebase, seconds, outcome, code, requestId, args }) => {
      const { enabled, arguments: withArguments } = settings();
      if (!enabled || !isOn()) return;
      const line = {
        level: 'info',
        time: isoNow(),
        audit: true,
        caller,
        // Of who is not known by name, the address. What is undefined does not stand in JSON.
        client: client === caller ? undefined : client,
        tool,
        codebase,
        ms: Math.round(seconds * 1_000_000) / 1000,
        outcome,
        code,
        requestId,
        arguments: withArguments ? shortened(maskSecrets(args ?? {}), maxDepth) : undefined,
        message: 'Tool call',
      };
      write(JSON.stringify(line));
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
