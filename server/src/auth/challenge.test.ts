/** Decides whether refusals are answered as RFC 6750 and RFC 9728 have it. */
import { expect, test } from 'vitest';
import { challengeOf } from './challenge.ts';

const metadata = 'https://code.example.com/.well-known/oauth-protected-resource/mcp';

test('[auth.challenge] without a credential the way to one is told, and no error', () => {
  const refusal = { reason: 'missing', description: 'This server asks for a bearer token.' } as const;
  expect(challengeOf(refusal, metadata, ['mcp', 'read'])).toEqual({
    status: 401,
    headers: { 'WWW-Authenticate': `Bearer scope="mcp read", resource_metadata="${metadata}"` },
    message: 'This server asks for a bearer token.',
  });
  expect(challengeOf(refusal, undefined).headers).toEqual({ 'WWW-Authenticate': 'Bearer' });
});

test.each(['unknown', 'malformed', 'expired', 'not_yet_valid', 'signature', 'issuer', 'audience'] as const)(
  '[auth.challenge] %s is an invalid token',
  (reason) => {
    const { status, headers } = challengeOf({ reason, description: 'Why.' }, metadata);
    expect(status).toBe(401);
    expect(headers['WWW-Authenticate']).toBe(
      `Bearer error="invalid_token", error_description="Why.", resource_metadata="${metadata}"`,
    );
  },
);

test('[auth.challenge] a token that lacks scopes is told which, with 403', () => {
  const { status, headers } = challengeOf({ reason: 'scope', description: 'Why.', scopes: ['a', 'b'] }, undefined);
  expect(status).toBe(403);
  expect(headers['WWW-Authenticate']).toBe('Bearer error="insufficient_scope", error_description="Why.", scope="a b"');
});

test('[auth.challenge] a token in a URL is a bad request', () => {
  const { status, headers } = challengeOf({ reason: 'in_query', description: 'Why.' }, undefined);
  expect([status, headers['WWW-Authenticate']]).toEqual([
    400,
    'Bearer error="invalid_request", error_description="Why."',
  ]);
});

test('[auth.challenge] what cannot be judged is to be tried again, and keeps its token', () => {
  expect(challengeOf({ reason: 'unavailable', description: 'Why.', retryAfterSeconds: 7 }, metadata)).toEqual({
    status: 503,
    headers: { 'Retry-After': '7' },
    message: 'Why.',
  });
});
