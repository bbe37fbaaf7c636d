/** Decides what a doc comment says: its first sentence, without the marks of a comment. */

const maxSentence = 240;
const lineMarks =
  /^\s*(?:\/\*[*!]?|\/\/[/!]?|\*(?!\*)|#+!?|--+\s*[|^]?|\{-\|?|;+|<!--|@(?:module|type)?doc\s+(?:~[sS])?)?\s?/;
const endMarks = /\s*(?:\*+\/|-\}|-->|"""|''')\s*$/;
const quotes = /^\s*(?:[rRuU]{0,2}(?:"""|'''|"|')|@(?:module|type)?doc\s+(?:~[sS])?(?:"""|"))|(?:"""|'''|"|')\s*$/g;
const sentenceEnd = /[.!?。](?=\s|$)/;

/** Comment text as words: marks, XML doc tags and leading stars removed, up to the first blank line or `@tag`. */
function firstParagraph(comment: string): string {
  const words: string[] = [];
  for (const raw of comment.replace(quotes, '').split('\n', 40)) {
    const line = raw
      .replace(endMarks, '')
      .replace(lineMarks, '')
      .replace(/<\/?[a-zA-Z][^>]*>/g, '')
      .trim();
    const over =
      line === '' ||
      /^[-=*#/]+$/.test(line) ||
      /^[@\\](?:param|return|throws|example|see|since|deprecated|file|author)/.test(line);
    if (over && words.length > 0) break;
    if (!over) words.push(line);
  }
  return words.join(' ').replace(/^@\w+\s+(?=[A-Z])/, '');
}

/** The first sentence of a comment, at most 240 characters; empty for a comment without words. */
export function firstSentence(comment: string): string {
  const paragraph = firstParagraph(comment.slice(0, 4_000));
  const end = sentenceEnd.exec(paragraph);
  const sentence = end === null ? paragraph : paragraph.slice(0, end.index + 1);
  return sentence.length > maxSentence ? `${sentence.slice(0, maxSentence - 1).trimEnd()}…` : sentence;
}

/** Comment lines that stand before the next node: `first` is where an attribute among them starts. */
export type PendingComments = {
  startLine: number;
  endLine: number;
  /** Span of the comment text; start = end when there is only an attribute. */
  textStart: number;
  textEnd: number;
  /** Where the first attribute starts; -1 without one. */
  attributeStart: number;
};
