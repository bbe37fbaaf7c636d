/** Decides what never leaves the process in clear: credentials in URLs and values of settings whose names tell a secret. */

const secretName = /(password|secret|token|api_?key(?!File)|credential(?!sDirectory)|authorization)/i;

/** A URL whose user and password are masked; other text is returned as it is. */
export function maskUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/i, '$1***@');
}

/** A deep copy in which secret values and credentials inside URLs are masked. */
export function maskSecrets(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return value !== '' && secretName.test(name) ? '***' : maskUrl(value);
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskSecrets(item, key)]));
}

/** Keys that the logger censors wherever they appear at the top or one level down. */
export const redactedLogKeys = ['password', 'token', 'secret', 'apiKey', 'authorization', 'credentials'].flatMap(
  (key) => [key, `*.${key}`],
);
