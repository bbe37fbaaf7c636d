/** Decides what the desk's thread does with a text. */
import type { NarrowedProfile } from '../profile/narrow.ts';
import { pageOfResponse, type ResponsePage } from '../responses/page.ts';
import { parseResponse } from '../responses/parse-response.ts';
import type { ParseTask, ProfileTask } from './port.ts';

/** Parses a language model's response. */
export function parse({ text, offset, budget }: ParseTask): ResponsePage {
  return pageOfResponse(parseResponse(text), offset, budget);
}

/** Profiles a file; the parser is loaded with the first one. */
export async function profile({ path, text, functionName }: ProfileTask): Promise<NarrowedProfile> {
  const [{ profileFile }, { narrowed }] = await Promise.all([
    import('../profile/profile-file.ts'),
    import('../profile/narrow.ts'),
  ]);
  return narrowed(await profileFile(path, text), functionName);
}
