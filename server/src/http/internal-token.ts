/** Decides whether a caller holds the internal token, in constant time, with the token file as it is now. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether `authorization` is `Bearer <token>`. Hashing first makes lengths equal, so time tells nothing of the token. */
export function holdsToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '';
  return given !== '' && token !== '' && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
