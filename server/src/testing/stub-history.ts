/** Decides what history is in tests that are not about it: two commits of one codebase. */
import { CodeSageError } from '../errors.ts';
import type { CodeHistory, CommitFacts } from '../history/port.ts';

const newest = 'b'.repeat(40);
const oldest = 'a'.repeat(40);

export const stubCommits: readonly CommitFacts[] = [
  {
    id: newest,
    shortId: 'bbbbbbb',
    parents: [oldest],
    author: 'Ada',
    date: '2026-01-02T00:00:00+00:00',
    subject: 'Retry payments',
    body: 'They failed.',
    bodyIsCut: false,
    isHistoryEnd: false,
    changes: { added: 0, changed: 1, deleted: 0, renamed: 0, leftOut: 1 },
  },
  {
    id: oldest,
    shortId: 'aaaaaaa',
    parents: [],
    author: 'Ben',
    date: '2026-01-01T00:00:00+00:00',
    subject: 'Begin',
    body: '',
    bodyIsCut: false,
    isHistoryEnd: false,
  },
];

/** The history of one codebase. */
export function createStubHistory(codebase: string): CodeHistory {
  const facts = { codebase, head: newest, isShallow: false };
  const known = (name: string) => {
    if (name !== codebase)
      throw new CodeSageError('UnknownCodebase', `There is no codebase "${name}".`, `Write one of: ${codebase}.`);
  };
  return {
    commits: async (request) => {
      known(request.codebase);
      const commits = stubCommits
        .slice(0, request.limit)
        .map((commit, index) => ({ ...commit, cursor: `${index + 1}` }));
      return { ...facts, commits, hasMore: commits.length < stubCommits.length };
    },
    diff: async (request) => {
      known(request.codebase);
      const [commit] = stubCommits;
      const patch = '@@ -1 +1 @@\n-export function retry()\n+export function retryPayment()';
      const file = { path: 'src/payment.ts', status: 'modified' as const, added: 1, deleted: 1, patch, index: 0 };
      return {
        ...facts,
        from: oldest,
        to: newest,
        ...(commit && { commit }),
        files: [file],
        totalFiles: 1,
        leftOut: {},
      };
    },
    search: async (request) => {
      known(request.codebase);
      const matches = stubCommits
        .filter(({ subject }) => subject.toLowerCase().includes(request.query.toLowerCase()))
        .map((commit) => ({ ...commit, cursor: '1', inMessage: true, files: [], moreFiles: 0 }));
      return { ...facts, matches, searched: stubCommits.length, endedEarly: false };
    },
  };
}
