/** Decides how Dockerfiles are read: instruction by instruction, since no package carries a grammar. */
import type { Syntax } from '../types.ts';
import { ScanResult } from './scanner.ts';

type Instruction = { start: number; end: number; keyword: string; text: string };

/** Comment lines that stand outside of instructions, and the instructions with their continued lines and here-documents. */
function readInstructions(text: string): { instructions: Instruction[]; comments: { start: number; end: number }[] } {
  const instructions: Instruction[] = [];
  const comments: { start: number; end: number }[] = [];
  let current: Instruction | undefined;
  let hereDocument = '';
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    const line = text.slice(start, end).trimEnd();
    const isComment = /^\s*#/.test(line);
    if (hereDocument !== '') {
      if (current !== undefined) current.end = end;
      if (line.trim() === hereDocument) hereDocument = '';
    } else if (isComment) {
      if (current === undefined && !/^\s*#\s*(?:syntax|escape)\s*=/i.test(line)) comments.push({ start, end });
    } else if (line.trim() !== '') {
      if (current === undefined) {
        current = {
          start: start + line.search(/\S/),
          end,
          keyword: (/^\s*(\w+)/.exec(line)?.[1] ?? '').toUpperCase(),
          text: '',
        };
        instructions.push(current);
      }
      current.end = end;
      hereDocument = /<<-?\s*["']?(\w+)["']?/.exec(line)?.[1] ?? '';
      if (hereDocument === '' && !/[\\`]$/.test(line)) current = undefined;
    }
    if (hereDocument === '' && current !== undefined && !/[\\`]$/.test(line) && !isComment && line.trim() !== '')
      current = undefined;
    start = end + 1;
  }
  for (const one of instructions) one.text = text.slice(one.start, one.end);
  return { instructions, comments };
}

/** Build stages with their images, arguments and environment variables; the images and stages that are taken from. */
export function scanDockerfile(text: string): Omit<Syntax, 'language'> {
  const { instructions, comments } = readInstructions(text);
  const result = new ScanResult(text, comments);
  let stage: { name: string; symbol: number } | undefined;
  for (const [index, one] of instructions.entries()) {
    const isFrom = one.keyword === 'FROM';
    result.border(one.start, isFrom || stage === undefined ? 0 : 1);
    if (isFrom) stage = openStage(instructions, index, result);
    else instruction(one, stage, result);
  }
  return result.finish();
}

function openStage(instructions: Instruction[], index: number, result: ScanResult): { name: string; symbol: number } {
  const one = instructions[index] as Instruction;
  const next = instructions.findIndex((other, at) => at > index && other.keyword === 'FROM');
  const end = (instructions[next < 0 ? instructions.length - 1 : next - 1] as Instruction).end;
  const match = /^\w+\s+(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?/i.exec(one.text);
  const image = match?.[1] ?? '';
  const name = match?.[2] ?? image;
  const earlier = result.symbols.findIndex((symbol) => symbol.kind === 'section' && symbol.name === image);
  const symbol = result.define({ name, kind: 'section' }, one.start, end, one.start);
  if (earlier >= 0) result.refer(image, one.start, 'other', symbol);
  else if (image !== 'scratch') result.import(image, one.start);
  return { name, symbol };
}

function instruction(one: Instruction, stage: { name: string; symbol: number } | undefined, result: ScanResult): void {
  const parent = stage?.name;
  if (one.keyword === 'ARG' || one.keyword === 'ENV') {
    const body = one.text.replace(/^\w+\s+/, '');
    const names = body.includes('=')
      ? [...body.matchAll(/(?:^|\s)([A-Za-z_]\w*)=/g)].map((match) => match[1] as string)
      : [body.split(/\s/, 1)[0] as string];
    for (const name of names)
      result.define(
        { name, kind: 'variable', ...(parent === undefined ? {} : { parent }) },
        one.start,
        one.end,
        one.start,
      );
    return;
  }
  const from = /--from=(\S+)/.exec(one.text)?.[1];
  if (from === undefined) return;
  const isStage = result.symbols.some((symbol) => symbol.kind === 'section' && symbol.name === from);
  if (isStage || /^\d+$/.test(from)) result.refer(from, one.start, 'other', stage?.symbol);
  else result.import(from, one.start);
}
