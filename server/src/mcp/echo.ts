/** Decides how much of what a caller sent may come back in an error: enough to know it again, nothing that acts on a terminal. */

const most = 100;

/** The text without control characters, cut. */
export function echoed(text: string): string {
  const clean = text.slice(0, most).replace(/[^\x20-\x7e]/g, '?');
  return text.length > most ? `${clean}…` : clean;
}
