/** Decides whether the list of requirements and the tests agree: what is built is proved by a test, what is planned is not claimed. */
import { z } from 'zod';

const idPattern = /^(runbook-\d{1,2}\.\d|[a-z]+\.[a-z0-9]+)(-[a-z0-9]+)*$/;
/** Sections of the operational runbook; each needs at least the entry of its own number. */
export const runbookSections: readonly string[] = [
  ...['1.1', '1.2', '1.3', '2.1', '2.2', '3.1', '3.2', '4.1', '4.2', '5.1', '5.2', '5.3'],
  ...['6.1', '6.2', '7.1', '7.2', '8.1', '8.2', '9.1', '9.2', '10.1', '10.2'],
];

const common = {
  id: z.string().regex(idPattern, 'an id is runbook-<section>, or <area>.<slug>, in lower case'),
  source: z
    .string()
    .regex(/^(runbook \d{1,2}\.\d|design \d)$/, 'a source is "runbook <section>" or "design <section>"'),
  behaviour: z.string().min(10),
};

/** One promise: where it was made, what is to be seen, and whether it can be seen today. */
export const requirementSchema = z.discriminatedUnion('met', [
  z.strictObject({ ...common, met: z.literal('built') }),
  z.strictObject({ ...common, met: z.literal('planned'), reason: z.string().min(3) }),
]);
export type Requirement = z.infer<typeof requirementSchema>;

/** A requirement's id as found at the start of a test's name. */
export type Citation = { id: string; file: string };

/** Ids that the test names in `text` begin with: `test('[operator.no-hot-loop] an unchanged …')`, one or several in a row. */
export function citationsIn(file: string, text: string): Citation[] {
  const heads = text.matchAll(/['"`]((?:\[[a-z]+[.-][a-z0-9.-]+\](?=[\s'"`])\s*)+)/g);
  return [...heads].flatMap(([, head = '']) =>
    [...head.matchAll(/\[([^\]]+)\]/g)].map(([, id = '']) => ({ id, file })),
  );
}

/** What is wrong between the list and the tests, one sentence each; empty when they agree. */
export function faultsOf(requirements: readonly Requirement[], citations: readonly Citation[]): string[] {
  const known = new Map(requirements.map((requirement) => [requirement.id, requirement]));
  const cited = new Set(citations.map(({ id }) => id));
  const twice = [...new Set(requirements.map(({ id }) => id).filter((id, at, all) => all.indexOf(id) !== at))];
  return [
    ...twice.map((id) => `${id}: listed twice; keep one entry`),
    ...runbookSections
      .filter((section) => !known.has(`runbook-${section}`))
      .map((section) => `runbook-${section}: the section has no entry; add one`),
    ...requirements
      .filter(({ id, met }) => met === 'built' && !cited.has(id))
      .map(
        ({ id }) => `${id}: said to be built, but no test cites it; write the test or make it planned with a reason`,
      ),
    ...citations.flatMap(({ id, file }) => citationFault(known.get(id), id, file)),
  ];
}

function citationFault(requirement: Requirement | undefined, id: string, file: string): string[] {
  if (requirement === undefined) return [`${id}: cited in ${file} but not listed; add the entry or mend the id`];
  if (requirement.met === 'planned') return [`${id}: planned, yet ${file} proves it; make it built`];
  return [];
}

/** Closing line of the check. */
export function summaryOf(requirements: readonly Requirement[]): string {
  const built = requirements.filter(({ met }) => met === 'built').length;
  return `${requirements.length} requirements: ${built} built and proved by tests, ${requirements.length - built} planned`;
}
