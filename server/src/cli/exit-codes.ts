/** Decides what exit codes mean, so that scripts and the kubelet can tell failures apart. */
import type { ErrorCode } from '../errors.ts';

export const exitCodes = {
  ok: 0,
  /** The command ran and failed, or a check is unhealthy. */
  failed: 1,
  /** Wrong arguments or settings: trying again without a change cannot help. */
  usage: 2,
  portInUse: 3,
} as const;

/** The exit code for an error's code. */
export function exitCodeFor(code: ErrorCode): number {
  if (code === 'PortInUse') return exitCodes.portInUse;
  if (code === 'ConfigInvalid' || code === 'InvalidArgument') return exitCodes.usage;
  return exitCodes.failed;
}
