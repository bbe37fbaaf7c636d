/** Decides whether JSON is nested deeper, or holds more values, than a request has reason to, before anything parses it. */

export type JsonBounds = {
  /** Nested brackets. */
  depth: number;
  /** Elements of arrays and members of objects, all together. */
  values: number;
};

/** Which bound JSON goes over, if any. Linear time; text inside strings does not count. */
export function exceededBound(text: string, bounds: JsonBounds): keyof JsonBounds | undefined {
  let depth = 0;
  let values = 1;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === backslash) index += 1;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === comma) {
      values += 1;
      if (values > bounds.values) return 'values';
    } else if (code === openBrace || code === openBracket) {
      depth += 1;
      if (depth > bounds.depth) return 'depth';
    } else if (code === closeBrace || code === closeBracket) depth -= 1;
  }
  return undefined;
}

const backslash = 0x5c;
const quote = 0x22;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
