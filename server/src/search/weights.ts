/**
 * Decides how much each ranking signal weighs. "Published" figures are those of semble's ranking (MIT,
 * github.com/MinishLab/semble, src/semble/ranking and search.py). "Measured" ones are differences of NDCG@10 on packages
 * that nothing was tuned on (docs/benchmarks.md says which); there differences under 0.005 are noise.
 */
export const weights = {
  /** Chunks taken from each of the two searches. Measured: 200 or 300, or both values for each chunk, gain nothing. */
  candidates: 100,
  /** BM25 as Lucene and LanceDB have it: how soon more occurrences stop counting, and how much a long chunk loses. Measured: a plateau. */
  bm25: { k1: 1.2, b: 0.75 },
  /** Weight in full-text search of words that only questions have ("where", "does", "get"). */
  functionWord: 0,
  /** Share of the dense similarity in a joined score; the rest is BM25. Measured: a plateau from 0.4 to 0.5; questions lose at 0.3, comments at 0.6. */
  dense: 0.45,
  /** For bare symbols the published rank fusion: constant 60, dense share 0.3. */
  symbolDense: 0.3,
  rankConstant: 60,
  /** Published: a chunk that defines the symbol gains this many times the best score, more when its file has that name. */
  definition: 3,
  definitionInNamedFile: 1.5,
  /** Published: half of it for a symbol that is only mentioned in a longer query. */
  mentionedSymbol: 0.5,
  /** A definition in what the query says it belongs to ("Session.send") gains this much more. Measured: it is the first answer 91 times in 100 instead of 70. */
  qualifier: 2,
  /** Share of it where only the file or its directory has that name, or where another such definition is nearer. */
  looseQualifier: 0.7,
  /** A file that the query names gains this many times the best score, and nothing lessens it. Measured: it is the first answer to its bare name 97 times in 100 instead of 48. */
  namedFile: 3,
  /** Measured: a query of one plain word gains 0.009 when chunks that define just that name gain twice the best score. */
  plainName: 2,
  /** Measured: +0.02 to +0.03 for a chunk whose definitions have the query's words in their names; twice as much or half of it is worse. */
  names: 0.6,
  /** Published: a file whose name and directory have all query words gains the best score once. */
  path: 1,
  /** Published: below this share of matching words a path says nothing. */
  pathMinimum: 0.1,
  /**
   * The file with the most, and the best, candidate chunks gains this share of the best score. Published: 0.2. Measured:
   * with 0.4 and `fileMean` at 0.3 questions by hand gain 0.009 over 0.2 for both, comments neither gain nor lose; with 0.5
   * comments lose. Bare symbols lose 0.002 by it and keep the published share.
   */
  coherence: 0.4,
  symbolCoherence: 0.2,
  /**
   * Mean similarity of all of a file's chunks plus that of its summary (its path, names and what their comments say first),
   * scaled over the best 50 files. Measured: without the mean questions lose 0.01; with the summary questions gain 0.009,
   * comments 0.007 to 0.010 over the mean alone at 0.3.
   */
  fileMean: 0.6,
  fileMeanPool: 50,
  /** Published: each further chunk of a file counts half of the one before. */
  repeatedFile: 0.5,
  /** Factors of a file's score for what the file is. */
  penalties: {
    /** Published; lifted to `wantedTests` for a query that speaks of tests. */
    tests: 0.3,
    wantedTests: 0.7,
    /** Published. */
    compat: 0.3,
    examples: 0.3,
    /** Measured: of 86 files in folders of documents that came first or before what was asked for, one was it. */
    documents: 0.3,
    reExports: 0.5,
    declarations: 0.7,
    /** Measured: +0.02 on comments, +0.05 on questions, as prose and data use a question's words more than code does. */
    prose: 0.4,
    /** Measured: +0.002 for files of code whose candidates define nothing: barrels, lists of imports, scripts. */
    definesNothing: 0.7,
  },
} as const;
