/**
 * Decides how much each ranking signal weighs. "Published" figures are those of semble's ranking (MIT,
 * github.com/MinishLab/semble, src/semble/ranking and search.py); "measured" ones come from our own labelled queries
 * over 62 public repositories, where differences under 0.003 NDCG@10 are noise.
 */
export const weights = {
  /** Chunks taken from each of the two searches. Measured: the dense similarity is scaled over the best 100. */
  candidates: 100,
  /** BM25 as Lucene and LanceDB have it: how soon more occurrences stop counting, and how much a long chunk loses. */
  bm25: { k1: 1.2, b: 0.75 },
  /** Share of the dense similarity in a joined score; the rest is BM25. Measured: joined scores beat joined ranks by 0.005. */
  dense: 0.5,
  /** For bare symbols the published rank fusion: constant 60, dense share 0.3. */
  symbolDense: 0.3,
  rankConstant: 60,
  /** Published: a chunk that defines the symbol gains this many times the best score, more when its file has that name. */
  definition: 3,
  definitionInNamedFile: 1.5,
  /** Published: half of it for a symbol that is only mentioned in a longer query. */
  mentionedSymbol: 0.5,
  /** Published: a file whose name and directory have all query words gains the best score once. */
  path: 1,
  /** Published: below this share of matching words a path says nothing. */
  pathMinimum: 0.1,
  /** Published: the file with the most, and the best, candidate chunks gains this share of the best score. Measured: without it −0.010. */
  coherence: 0.2,
  /** Measured: +0.001 for the mean similarity of all of a file's chunks, scaled over the best 50 files. */
  fileMean: 0.2,
  fileMeanPool: 50,
  /** Published: each further chunk of a file counts half of the one before. */
  repeatedFile: 0.5,
} as const;
