/** Decides IndexReady: whether every source has a published index. */
import { type CodebaseStatus, isEmbeddingProblem, type ProblemCode } from '@codesage/server/contract';
import { type ReasonOf, verdict } from '../../api/conditions.ts';
import type { Observed } from '../observed.ts';
import { enumerate, firstOf, isSuspended, type Judgement } from './first.ts';
import { codebasesOf, describeProblem, isSourceProblem, problemsOf } from './problems.ts';

type Index = Judgement<'IndexReady'>;
const known: ReadonlySet<ProblemCode> = new Set([
  'VolumeFull',
  'IndexCorrupted',
  'IndexFormatUnsupported',
  'OutOfMemory',
]);

function reasonOf(code: ProblemCode): ReasonOf<'IndexReady'> {
  if (isSourceProblem({ code })) return 'SourceFailed';
  return known.has(code) ? (code as ReasonOf<'IndexReady'>) : 'Internal';
}

const suspended: Index = (observed) =>
  isSuspended(observed)
    ? verdict('IndexReady', 'Unknown', 'Suspended', 'No pods are wanted; the index is kept on its volume.')
    : undefined;

const awaiting: Index = ({ admin, pods }) => {
  if (admin.state === 'answered') return undefined;
  const message =
    admin.state === 'failed'
      ? `The server pod does not tell its state: ${admin.message}. If this lasts, look at its log (kubectl logs ${pods[0]?.metadata?.name ?? '…'}) and at NetworkPolicies between the operator and the pod.`
      : 'No server pod runs yet.';
  return verdict('IndexReady', 'Unknown', 'AwaitingServer', message);
};

const indexBroken: Index = ({ admin }) => {
  const problem = admin.state === 'answered' ? admin.status.index.problem : undefined;
  // A volume that is full still serves what is published, and full text is searched without a model.
  return problem === undefined || problem.code === 'VolumeFull' || isEmbeddingProblem(problem)
    ? undefined
    : verdict('IndexReady', 'False', reasonOf(problem.code), problem.message);
};

function unpublished(codebases: CodebaseStatus[]): CodebaseStatus[] {
  return codebases.filter(({ indexedAt }) => indexedAt === undefined);
}

const failed: Index = (observed) => {
  const names = new Set(unpublished(codebasesOf(observed)).map(({ name }) => name));
  const problem = problemsOf(observed).find(({ codebase }) => codebase !== undefined && names.has(codebase));
  return problem === undefined
    ? undefined
    : verdict('IndexReady', 'False', reasonOf(problem.code), describeProblem(problem));
};

/** In steps of ten percent: a finer figure would write the status at every look. */
function describeProgress({ name, progress }: CodebaseStatus): string {
  if (progress === undefined || progress.filesTotal === 0) return name;
  const percent = Math.floor((progress.filesDone / progress.filesTotal) * 10) * 10;
  return `${name} (${percent} % of ${progress.filesTotal} files)`;
}

const indexing: Index = (observed) => {
  const left = unpublished(codebasesOf(observed));
  return left.length === 0
    ? undefined
    : verdict(
        'IndexReady',
        'False',
        'Indexing',
        `Indexing ${enumerate(left.map(describeProgress))} for the first time.`,
      );
};

function describeIndexed(observed: Observed): string {
  const codebases = codebasesOf(observed);
  const files = codebases.reduce((sum, codebase) => sum + codebase.files, 0);
  return `${files} files of ${codebases.length === 1 ? 'one source' : `${codebases.length} sources`} are indexed.`;
}

const withoutModel: Index = (observed) => {
  const { missingModelClaim, server } = observed;
  const problem = problemsOf(observed).find(isEmbeddingProblem);
  if (problem !== undefined && missingModelClaim !== undefined) {
    const what = `PersistentVolumeClaim ${missingModelClaim} of spec.embedding.modelVolume does not exist in namespace ${server.metadata.namespace}, so searches are ranked by full text alone: create it, or correct claimName. It is mounted as soon as it appears.`;
    return verdict('IndexReady', 'True', 'EmbeddingModelMissing', `${describeIndexed(observed)} ${what}`);
  }
  return problem === undefined
    ? undefined
    : verdict(
        'IndexReady',
        'True',
        problem.code as ReasonOf<'IndexReady'>,
        `${describeIndexed(observed)} ${problem.message}`,
      );
};

/** Judges IndexReady. */
export const judgeIndex = firstOf<'IndexReady'>(
  [suspended, awaiting, indexBroken, failed, indexing, withoutModel],
  (observed) => verdict('IndexReady', 'True', 'Indexed', describeIndexed(observed)),
);
