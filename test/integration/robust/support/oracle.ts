/** Decides whether an answer is one that an attacker may get: well formed, in our own words, and silent about the machine. */
import path from 'node:path';
import type { Exchange, Json } from './attacked-server.ts';
import {
  environmentCanary,
  modelKeyCanary,
  neighbourCanary,
  outsideCanary,
  sentKeyCanary,
  urlCanary,
  type World,
} from './corpus.ts';
import { secretCanaries } from './secrets.ts';

/** Characters of one answer: about 20,000 tokens of code, and some for what is around them. */
export const mostCharacters = 80_000;

/** Texts that no answer may hold, whatever was asked. */
const forbidden: readonly string[] = [outsideCanary, environmentCanary, urlCanary, modelKeyCanary, ...secretCanaries];

const machine =
  /root:[x*]?:0:0:|\bat (?:async )?[\w.<>]+ \(|node_modules|node:internal|file:\/\/\/(?!etc)|BEGIN [A-Z ]*PRIVATE KEY/;
const repository = path.resolve(import.meta.dirname, '../../../..');

export type Question = {
  world: World;
  /** What the caller sent: it may come back. */
  sent: readonly string[];
  /** True: the question was about `shop` alone. */
  onlyShop: boolean;
};

/** What is wrong with an answer; nothing where it is fine. */
export function faultsOfAnswer({ status, text }: Exchange, { world, sent, onlyShop }: Question): string[] {
  // Codebases are named by their configured directories, too.
  const told = withoutEcho(text.replaceAll(/(?:\/\w+)?\/codesage-robust-\w+\/(?:shop2?|gone)\b/g, '‹source›'), sent);
  const seen = [...forbidden, ...(onlyShop ? [neighbourCanary] : [])].filter((canary) => told.includes(canary));
  const faults = seen.map((canary) => `shows ${canary}`);
  if (text.includes(sentKeyCanary)) faults.push('shows a key again');
  if (status >= 500) faults.push(`status ${status}`);
  const stray = machine.exec(told)?.[0];
  if (stray !== undefined) faults.push(`shows "${stray}"`);
  for (const place of [path.basename(world.root), repository, process.execPath]) {
    if (told.includes(place)) faults.push('shows a path of the machine');
  }
  return [...faults, ...faultsOfForm(text)];
}

/** The answer without what the caller wrote: naming it again, as it is or tidied, tells nothing. */
function withoutEcho(text: string, sent: readonly string[]): string {
  const written = sent.flatMap((one) => [one, one.replace(/\/+$/, ''), path.posix.normalize(one)]);
  const forms = written.flatMap((one) => [one, inJson(one), inJson(inJson(one))]);
  const wanted = [...new Set(forms)].filter((form) => form.length > 3).sort((a, b) => b.length - a.length);
  return wanted.reduce((rest, form) => rest.replaceAll(form, '‹sent›'), text);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function faultsOfForm(text: string): string[] {
  const message = parse(text);
  if (message === undefined) return [`is no JSON: ${text.slice(0, 200)}`];
  const error = message.error as { code?: unknown; message?: unknown } | undefined;
  if (error !== undefined) {
    return error.code === -32_603 || typeof error.message !== 'string'
      ? [`JSON-RPC error ${JSON.stringify(error)}`]
      : [];
  }
  const result = message.result as
    | { content?: { text?: unknown }[]; isError?: unknown; structuredContent?: unknown }
    | undefined;
  if (result === undefined) return ['has neither result nor error'];
  if (!Array.isArray(result.content)) return [];
  const shown = String(result.content[0]?.text);
  if (shown.length > mostCharacters) return [`has ${shown.length} characters`];
  if (result.isError !== true) return typeof result.structuredContent === 'object' ? [] : ['has no structured content'];
  return faultsOfRefusal(shown);
}

/** A refusal names a code, what happened, and what to do. */
function faultsOfRefusal(shown: string): string[] {
  const [, code, words = ''] = /^([A-Z][A-Za-z]+): (.*)$/s.exec(shown) ?? [];
  if (code === undefined) return [`refuses without a code: ${shown.slice(0, 300)}`];
  if (['Internal', 'Cancelled', 'TimedOut', 'Busy'].includes(code)) return [`refuses with ${shown.slice(0, 500)}`];
  // Two sentences: the cause and the remedy.
  if (!/[.…]$/.test(words) || !/[.…:?!"”)»] ?\S/.test(words.slice(0, -1))) {
    return [`does not say what to do: ${shown.slice(0, 300)}`];
  }
  return [];
}

export function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
