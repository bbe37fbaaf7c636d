/** Decides what the runbook page is held to: every section of the original, and only metrics that exist. */

/** Numbers of the sections that the page has as headings of the third level. */
export function sectionsIn(page: string): string[] {
  return [...page.matchAll(/^### (\d+\.\d+) /gm)].map(([, section = '']) => section);
}

/** Names of the server's metrics in the page. */
export function metricsIn(page: string): string[] {
  return [...new Set([...page.matchAll(/`(codesage_[a-z_]+)`/g)].map(([, name = '']) => name))];
}
