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

type Stage = { name: string; symbol: number };

/** Build stages with their images, arguments and environment variables; the images and stages that are taken from. */
export function scanDockerfile(text: string): Omit<Syntax, 'language'> {
  const { instructions, comments } = readInstructions(text);
  const result = new ScanResult(text, comments);
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const one of instructions) {
    const isFrom = one.keyword === 'FROM';
    result.border(one.start, isFrom || stage === undefined ? 0 : 1);
    if (isFrom) stage = openStage(one, stages, result);
    else instruction(one, stage, stages, result);
    if (stage !== undefined) result.extend(stage.symbol, one.end);
  }
  return result.finish();
}

function openStage(one: Instruction, stages: Map<string, Stage>, result: ScanResult): Stage {
  const match = /^\w+\s+(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?/i.exec(one.text);
  const image = match?.[1] ?? '';
  const name = match?.[2] ?? image;
  const stage = { name, symbol: result.define({ name, kind: 'section' }, one.start, one.end, one.start) };
  if (stages.has(image)) result.refer(image, one.start, 'other', stage.symbol);
  else if (image !== 'scratch') result.import(image, one.start);
  stages.set(name, stage);
  return stage;
}

function instruction(one: Instruction, stage: Stage | undefined, stages: Map<string, Stage>, result: ScanResult): void {
  if (one.keyword === 'ARG' || one.keyword === 'ENV') {
    for (const name of variableNames(one.text.replace(/^\w+\s+/, ''))) {
      const symbol = { name, kind: 'variable' as const, ...(stage === undefined ? {} : { parent: stage.name }) };
      result.define(symbol, one.start, one.end, one.start);
    }
    return;
  }
  const from = /--from=(\S+)/.exec(one.text)?.[1];
  if (from === undefined) return;
  if (stages.has(from) || /^\d+$/.test(from)) result.refer(from, one.start, 'other', stage?.symbol);
  else result.import(from, one.start);
}

/** The names in `A=1 B=2`, or the one of `A 1`. */
function variableNames(body: string): string[] {
  if (!body.includes('=')) return [body.split(/\s/, 1)[0] as string];
  return [...body.matchAll(/(?:^|\s)([A-Za-z_]\w*)=/g)].map((match) => match[1] as string);
}
