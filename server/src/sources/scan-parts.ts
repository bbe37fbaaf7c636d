/** Decides how a large tree is scanned by several threads at once: the top by one, what is below in parts. */
import type { ScanPart, ScanResult, ScanSpan } from './scan.ts';

/** Where so many directories wait, a tree is large enough that others can help. */
const mostWaiting = 48;
/** Parts differ in size: with several a thread, none has to wait long for the last. */
const partsPerThread = 4;

/**
 * Scans a tree. The answer has the files of each part in order, and the parts always in the same order.
 * @param scan scans a part of it; called for several at once
 */
export async function scanInParts(threads: number, scan: (span: ScanSpan) => Promise<ScanPart>): Promise<ScanResult> {
  const most = threads > 1 ? mostWaiting : Number.POSITIVE_INFINITY;
  const top = await scan({ from: [''], mostWaiting: most });
  const parts = dealOut(top.rest.sort(), threads * partsPerThread);
  const scans = parts.map((from) => scan({ from, mostWaiting: Number.POSITIVE_INFINITY }));
  return [top, ...(await Promise.all(scans))].reduce<ScanResult>(join, { files: [], skipped: {} });
}

/** Directories one after the other into different hands: neighbours tend to be of a size. */
function dealOut(directories: readonly string[], hands: number): string[][] {
  const dealt: string[][] = [];
  for (const [i, directory] of directories.entries()) {
    const hand = dealt[i % hands];
    if (hand === undefined) dealt.push([directory]);
    else hand.push(directory);
  }
  return dealt;
}

function join(all: ScanResult, { files, skipped }: ScanResult): ScanResult {
  for (const file of files) all.files.push(file);
  for (const [reason, count] of Object.entries(skipped) as [keyof typeof skipped, number][]) {
    all.skipped[reason] = (all.skipped[reason] ?? 0) + count;
  }
  return all;
}
