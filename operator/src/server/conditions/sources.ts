/** Decides SourcesSynced: whether the files of every source could be got at when it was last looked at. */
import { type ReasonOf, verdict } from '../../api/conditions.ts';
import { enumerate, firstOf, isSuspended, type Judgement } from './first.ts';
import { codebasesOf, describeProblem, isSourceProblem, problemsOf } from './problems.ts';

type Sources = Judgement<'SourcesSynced'>;

const claimMissing: Sources = ({ missingClaims, server }) =>
  missingClaims.length === 0
    ? undefined
    : verdict(
        'SourcesSynced',
        'False',
        'SourceClaimNotFound',
        `PersistentVolumeClaim ${enumerate(missingClaims)} of spec.sources does not exist in namespace ${server.metadata.namespace}: create it, or correct volume.claimName. It is mounted as soon as it appears.`,
      );

const suspended: Sources = (observed) =>
  isSuspended(observed)
    ? verdict('SourcesSynced', 'Unknown', 'Suspended', 'No pods are wanted, so nothing is fetched.')
    : undefined;

const awaiting: Sources = ({ admin }) =>
  admin.state === 'answered'
    ? undefined
    : verdict('SourcesSynced', 'Unknown', 'AwaitingServer', 'No server pod answers yet.');

const failed: Sources = (observed) => {
  const problems = problemsOf(observed).filter(isSourceProblem);
  const [first] = problems;
  return first === undefined
    ? undefined
    : verdict(
        'SourcesSynced',
        'False',
        first.code as ReasonOf<'SourcesSynced'>,
        problems.slice(0, 3).map(describeProblem).join(' | '),
      );
};

const syncing: Sources = (observed) => {
  const names = codebasesOf(observed).flatMap(({ name, state, indexedAt }) =>
    indexedAt === undefined && (state === 'Pending' || state === 'Syncing') ? [name] : [],
  );
  return names.length === 0
    ? undefined
    : verdict('SourcesSynced', 'False', 'Syncing', `Fetching ${enumerate(names)} for the first time.`);
};

/** Judges SourcesSynced. */
export const judgeSources = firstOf<'SourcesSynced'>(
  [claimMissing, suspended, awaiting, failed, syncing],
  ({ server }) =>
    verdict('SourcesSynced', 'True', 'Synced', `All sources were fetched (${server.spec.sources.length}).`),
);
