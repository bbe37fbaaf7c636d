/** Decides which parts of a response are told at once: as many as fit, from where the caller wants them. */
import type { ResponsePart } from './parse-response.ts';

/** A part, and whether most of it is left out because it fits into no answer. */
export type PagePart = { part: ResponsePart; isCut: boolean };

export type ResponsePage = {
  parts: PagePart[];
  /** Of the whole response. */
  total: number;
  /** Which parts are JSON, from 0; the first thousand. */
  jsonParts: number[];
  isRepaired: boolean;
};

const mostJsonParts = 1_000;
/** What is shown of a text that is left out otherwise. */
const shownOfCut = 1_000;

/** @param budget characters of JSON; one part is told in any case */
export function pageOfResponse(parts: readonly ResponsePart[], offset: number, budget: number): ResponsePage {
  const page: PagePart[] = [];
  let used = 0;
  for (const part of parts.slice(offset)) {
    const length = JSON.stringify(part).length;
    const isCut = length > budget;
    used += isCut ? shownOfCut : length;
    if (used > budget && page.length > 0) break;
    page.push({ part: isCut ? shortened(part) : part, isCut });
  }
  return {
    parts: page,
    total: parts.length,
    jsonParts: parts.flatMap(({ kind }, index) => (kind === 'json' ? [index] : [])).slice(0, mostJsonParts),
    isRepaired: parts.some((part) => 'repairs' in part && part.repairs.length > 0),
  };
}

/** What is left out is in the caller's hands already. */
function shortened(part: ResponsePart): ResponsePart {
  switch (part.kind) {
    case 'json':
      return { ...part, value: null };
    case 'list':
      return { ...part, items: [] };
    case 'key_values':
      return { ...part, values: {} };
    default:
      return { ...part, text: part.text.slice(0, shownOfCut) };
  }
}
