/** Decides what the desk's thread does with a text. */
import type { FileProfile } from '../profile/port.ts';
import { parseResponse, type ResponsePart } from '../responses/parse-response.ts';

/** Parses a language model's response. */
export function parse(text: string): ResponsePart[] {
  return parseResponse(text);
}

/** Profiles a file; the parser is loaded with the first one. */
export async function profile({ path, text }: { path: string; text: string }): Promise<FileProfile> {
  const { profileFile } = await import('../profile/profile-file.ts');
  return profileFile(path, text);
}
