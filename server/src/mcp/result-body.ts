/** Decides how the result of a tool becomes the body of a response: JSON that was written for the answer's text is not written again. */
import { WrittenResult } from '../tools/answer-json.ts';

const whole = Symbol('whole');

/** A response whose body is complete. */
export function wholeResponse(body: string): Response {
  const response: Response & { [whole]?: true } = new Response(body, {
    headers: { 'Content-Type': 'application/json' },
  });
  response[whole] = true;
  return response;
}

/** True for what `wholeResponse` made. */
export function isWhole(response: Response): boolean {
  return whole in response;
}

/** The envelope of an answer, whose `result` is JSON. */
export function envelope(id: string | number, result: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
}

/**
 * The body that answers a tool call.
 * @param more JSON of further fields of the result, with a comma in front
 */
export function resultBody(id: string | number, result: object, more = ''): string {
  const written = WrittenResult.of(result);
  if (written === undefined) return envelope(id, `${JSON.stringify(result).slice(0, -1)}${more}}`);
  const start = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[{"type":"text","text":`;
  const end = `${more}}}`;
  const { text, pieces } = written;
  if (pieces === undefined) return `${start}${JSON.stringify(text)}${middle}${text}${end}`;
  const join = (part: 'json' | 'escaped') => pieces.reduce((all, piece) => all + piece[part], '');
  return `${start}"${join('escaped')}"${middle}${join('json')}${end}`;
}

const middle = '}],"structuredContent":';
