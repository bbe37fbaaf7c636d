/** Decides what is known of an OpenID provider: its issuer as tokens name it, and where its keys are. */
import { z } from 'zod';
import type { OidcSettings } from '../contract.ts';
import { FetchError } from './fetch-json.ts';

export type Provider = {
  /** What `iss` of a token may be. */
  issuers: string[];
  jwksURL: string;
};

/** Fetches one JSON document. */
export type GetJson = (url: string) => Promise<unknown>;

const documentSchema = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/**
 * The provider as configured, or as its discovery document says (OpenID Connect Discovery 1.0, section 4; RFC 8414 where
 * there is no such document).
 * @throws FetchError
 */
export async function discover({ issuerURL, jwksURL }: OidcSettings, getJson: GetJson): Promise<Provider> {
  if (jwksURL !== undefined) return { issuers: spellingsOf(issuerURL), jwksURL };
  const document = documentSchema.safeParse(await getDocument(issuerURL, getJson));
  if (!document.success) throw new FetchError(`${issuerURL} has a discovery document without issuer and jwks_uri`);
  const { issuer, jwks_uri } = document.data;
  // Whoever could make us take another's document could make us take another's tokens.
  if (!spellingsOf(issuerURL).includes(issuer))
    throw new FetchError(`${issuerURL} has the discovery document of another issuer, ${issuer}`);
  if (isDowngrade(issuerURL, jwks_uri)) throw new FetchError(`${issuerURL} names keys that are fetched without TLS`);
  return { issuers: [issuer], jwksURL: jwks_uri };
}

async function getDocument(issuerURL: string, getJson: GetJson): Promise<unknown> {
  const { origin, pathname } = new URL(issuerURL);
  const path = pathname.replace(/\/$/, '');
  try {
    return await getJson(`${origin}${path}/.well-known/openid-configuration`);
  } catch (error) {
    if (!(error instanceof FetchError) || error.status !== 404) throw error;
    return getJson(`${origin}/.well-known/oauth-authorization-server${path}`);
  }
}

/** With and without a slash at the end, which people do not tell apart. */
function spellingsOf(issuer: string): string[] {
  const bare = issuer.replace(/\/$/, '');
  return [bare, `${bare}/`];
}

function isDowngrade(issuerURL: string, jwksURL: string): boolean {
  return issuerURL.startsWith('https:') && !jwksURL.startsWith('https:');
}
