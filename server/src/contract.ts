/**
 * Decides all that the operator and the server must agree on: ports, paths, environment names, the configuration
 * file, the admin API and metric names. It is the only part of the server that the operator may import, so it
 * depends on nothing but zod.
 */
import { z } from 'zod';

/** TCP ports of a server pod. `http` faces MCP clients; `internal` faces the kubelet, Prometheus and the operator. */
export const ports = { http: 8000, internal: 8001 } as const;

/** Absolute paths inside the server container. Everything under `data` is on the index volume. */
export const paths = {
  data: '/app/.codesage',
  index: '/app/.codesage/index',
  cache: '/app/.codesage/cache',
  sources: '/app/.codesage/sources',
  logs: '/app/logs',
  tmp: '/tmp',
  config: '/etc/codesage/config.yaml',
  internalToken: '/etc/codesage/internal/token',
  /** One directory a source that names a Secret: `<credentials>/<source name>/{username,password,ssh-privatekey,known_hosts}`. */
  credentials: '/etc/codesage/credentials',
  /** One directory a source that names a CA Secret: `<certificateAuthorities>/<source name>/ca.crt`. */
  certificateAuthorities: '/etc/codesage/ca',
  /** One read-only mount a volume source: `<volumes>/<source name>`. */
  volumes: '/app/volumes',
  /** One file a token of the mode Token: its name is the client's name. A mounted Secret is such a directory. */
  authTokens: '/app/tokens',
  /** Read-only mount of the volume that holds an embedding model. */
  model: '/app/model',
  /** One directory a model provider whose key is in a Secret: `<llmKeys>/<provider>/api-key`. */
  llmKeys: '/etc/codesage/llm',
} as const;

/** HTTP paths that other programs rely on. `root` and `mcp` are on the http port, the rest on the internal port. */
export const endpoints = {
  root: '/',
  mcp: '/mcp',
  /** RFC 9728; also with the path of the resource behind it. On the http port as well. */
  protectedResource: '/.well-known/oauth-protected-resource',
  livez: '/livez',
  readyz: '/readyz',
  health: '/health',
  metrics: '/metrics',
  adminStatus: '/admin/v1/status',
  adminReindex: '/admin/v1/reindex',
  adminIndex: '/admin/v1/index',
  adminCache: '/admin/v1/cache',
  adminCachePrune: '/admin/v1/cache/prune',
} as const;

/**
 * Request headers of our own. `internalToken` carries the internal token where `Authorization: Bearer` cannot: the API
 * server's service proxy, through which an operator outside the cluster asks, keeps that header for itself.
 */
export const headers = { internalToken: 'x-codesage-internal-token' } as const;

/** Environment variables that the server reads; each overrides the same setting of the configuration file. */
export const environment = {
  config: 'CODESAGE_CONFIG',
  dataDir: 'CODESAGE_DATA_DIR',
  internalTokenFile: 'CODESAGE_INTERNAL_TOKEN_FILE',
  httpPort: 'CODESAGE_HTTP_PORT',
  internalPort: 'CODESAGE_INTERNAL_PORT',
  logLevel: 'LOG_LEVEL',
  logFormat: 'LOG_FORMAT',
  maxMemoryMB: 'MAX_MEMORY_MB',
  embeddingCacheSize: 'EMBEDDING_CACHE_SIZE',
  searchCacheSize: 'SEARCH_CACHE_SIZE',
  fileCacheSize: 'FILE_CACHE_SIZE',
  cacheSimilarityThreshold: 'CACHE_SIMILARITY_THRESHOLD',
  caching: 'ENABLE_CACHING',
  cachePersistence: 'ENABLE_CACHE_PERSISTENCE',
  cacheWarming: 'ENABLE_CACHE_WARMING',
  chunkSizeTokens: 'CHUNK_SIZE_TOKENS',
  httpRequestTimeout: 'HTTP_REQUEST_TIMEOUT',
  httpMaxRetries: 'HTTP_MAX_RETRIES',
  groqApiKey: 'GROQ_API_KEY',
  openrouterApiKey: 'OPENROUTER_API_KEY',
  googleApiKey: 'GOOGLE_API_KEY',
  openaiApiKey: 'OPENAI_API_KEY',
} as const;

/** Where a source's files come from: a git repository that the server keeps in sync, or a directory that it only reads. */
export const gitSourceSchema = z.strictObject({
  url: z.string().min(1).describe('Clone URL: https://, http://, ssh://, git://, file:// or an absolute path.'),
  ref: z.string().min(1).optional().describe("Branch, tag or commit. Default: the remote's HEAD."),
  intervalSeconds: z.number().int().min(5).default(300).describe('Seconds between two looks at the remote.'),
  depth: z
    .number()
    .int()
    .min(0)
    .default(1)
    .describe('Commits of history to fetch, for the tools that show it; 0 is all, with its tags.'),
  submodules: z.boolean().default(false).describe('Whether submodules are checked out and indexed too.'),
  credentialsDirectory: z
    .string()
    .optional()
    .describe('Directory with username/password or ssh-privatekey/known_hosts.'),
  caFile: z.string().optional().describe('PEM file of the certificate authorities to trust for this remote.'),
});

/** One codebase. Exactly one of `git` and `path` is set. */
export const sourceSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      .max(63)
      .describe("The codebase's name in every tool."),
    git: gitSourceSchema.optional(),
    path: z.string().min(1).optional().describe('Directory to index in place; never written to.'),
    include: z.array(z.string()).default([]).describe('Globs; when any is given, only matching files are indexed.'),
    exclude: z.array(z.string()).default([]).describe('Globs of files that are not indexed.'),
    maxFileSizeBytes: z
      .number()
      .int()
      .positive()
      .default(1024 * 1024)
      .describe('Larger files are skipped and counted.'),
  })
  .refine((source) => (source.git === undefined) !== (source.path === undefined), {
    error: 'set exactly one of git and path',
  });

/**
 * The model that turns texts into vectors. All fields but `provider` and `modelDirectory` are for `transformers` alone: the
 * built-in model is complete in itself.
 */
export const embeddingSchema = z
  .strictObject({
    provider: z
      .enum(['builtin', 'transformers'])
      .default('builtin')
      .describe(
        'builtin: the model that ships with the server; transformers: an ONNX model for @huggingface/transformers.',
      ),
    model: z
      .string()
      .regex(/^[\w.-]+(\/[\w.-]+)?$/)
      .optional()
      .describe('Name of the model, such as sentence-transformers/all-MiniLM-L6-v2: its folder below cacheDirectory.'),
    revision: z.string().min(1).default('main').describe('Branch, tag or commit of the model.'),
    dtype: z
      .enum(['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'])
      .default('fp32')
      .describe('Which of the weights to load; fp32 is onnx/model.onnx, q8 is onnx/model_quantized.onnx.'),
    modelDirectory: z
      .string()
      .min(1)
      .optional()
      .describe('Folder of the model itself. builtin: a static model in place of the one that ships.'),
    cacheDirectory: z
      .string()
      .min(1)
      .optional()
      .describe('Folder of models by name. Default: models in the data directory.'),
    allowRemoteModels: z
      .boolean()
      .default(false)
      .describe('Whether a model that is not in cacheDirectory is fetched into it at start.'),
    remoteHost: z.url().optional().describe('Where models are fetched from. Default: the Hugging Face hub.'),
    pooling: z
      .enum(['auto', 'mean', 'cls'])
      .default('auto')
      .describe("How tokens become one vector; auto: as the model's 1_Pooling/config.json says, else mean."),
    queryPrefix: z.string().max(1000).default('').describe('Put before each query, as the model was trained with.'),
    documentPrefix: z.string().max(1000).default('').describe('Put before each chunk.'),
    maxTokens: z
      .number()
      .int()
      .min(16)
      .max(8192)
      .default(512)
      .describe('Longer texts are cut; the model may allow fewer.'),
    batchSize: z.number().int().min(1).max(256).default(16).describe('Chunks that the model takes at once, at most.'),
    threads: z.number().int().min(1).max(64).default(1).describe('Cores that the model may use.'),
  })
  .refine(({ provider, model, modelDirectory }) => provider === 'builtin' || (model ?? modelDirectory) !== undefined, {
    error: 'set model or modelDirectory with the provider transformers',
  });

const count = (least: number, otherwise: number) => z.number().int().min(least).default(otherwise);

/** What clients may ask of the http port. It takes effect on a reload, but for what says that it takes a restart. */
export const limitsSchema = z.strictObject({
  bodyBytes: count(1024, 1024 * 1024).describe('Bytes of one request body.'),
  jsonDepth: count(8, 64).describe('Nested brackets in one request body.'),
  jsonValues: count(100, 50_000).describe('Elements and members in one request body, all together.'),
  receiveSeconds: count(1, 30).describe('Seconds in which a request must have arrived whole. Takes a restart.'),
  requestSeconds: count(1, 3700).describe('Seconds after which a request is given up, whatever the time of its tool.'),
  concurrency: count(1, 128).describe('MCP requests under way at once, of all clients together.'),
  concurrencyPerClient: count(1, 64).describe(
    'MCP requests of one client under way at once: of an authenticated caller, else of an address.',
  ),
  arrivals: count(1, 1024).describe('MCP requests whose bodies are still arriving.'),
  connections: count(8, 2048).describe(
    'Open connections; one address may hold half of those that are free. Takes a restart.',
  ),
  requestsPerMinutePerClient: z.number().int().min(1).optional().describe('Off when unset.'),
  trustedProxies: z
    .array(z.union([z.enum(['loopback', 'linklocal', 'uniquelocal']), z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .default(['loopback'])
    .describe('Proxies that are believed when X-Forwarded-For names the address of a client.'),
});

/** Who language models are asked of. All of them speak OpenAI's protocol. */
export const llmProviderNames = ['groq', 'openrouter', 'google', 'openai'] as const;
export type LlmProviderName = (typeof llmProviderNames)[number];

/** One model provider. Without `apiKeyFile` its key is read from its environment variable, such as GROQ_API_KEY. */
export const llmProviderSchema = z.strictObject({
  name: z.enum(llmProviderNames),
  apiKeyFile: z.string().min(1).optional().describe('File that holds the key; read again when it changes.'),
  baseURL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Root of its API. Default: the provider's own; the key and code are sent there."),
  defaultModel: z.string().min(1).max(200).optional().describe('Model for calls that name none.'),
});

/**
 * The tools that ask a language model work without this, too: they then answer what can be said without one. A reload takes
 * all of it over.
 */
export const llmSchema = z.strictObject({
  providers: z
    .array(llmProviderSchema)
    .max(llmProviderNames.length)
    .default([])
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, {
      error: 'a provider is named twice',
    })
    .describe('In the order in which they are asked. Providers with a key in the environment are added at the end.'),
  timeoutSeconds: z
    .number()
    .int()
    .min(1)
    .max(600)
    .default(30)
    .describe('HTTP_REQUEST_TIMEOUT: longest silence, before the first byte of an answer and within it.'),
  maxRetries: z.number().int().min(0).max(10).default(3).describe('HTTP_MAX_RETRIES: attempts after the first.'),
  allowKeysFromRequests: z
    .boolean()
    .default(false)
    .describe('Whether configure_api_key may keep a key, in memory only, for the calls of the client that sent it.'),
});

/** Several processes over one index: one of them keeps it, the others only search it. */
export const replicationSchema = z
  .strictObject({
    role: z
      .enum(['Standalone', 'Indexer', 'Search'])
      .default('Standalone')
      .describe(
        'Standalone: keeps the index for itself. Indexer: as Standalone, for others too. Search: serves the index that an Indexer keeps in the same data directory, never writes there, and follows each new version. Takes a restart.',
      ),
    indexerURL: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        'Search: root of the internal port of the Indexer, where requests to index are sent with the internal token.',
      ),
    scratchDirectory: z
      .string()
      .min(1)
      .optional()
      .describe('Search: where caches and texts for exact search are kept. Default: in the temporary directory.'),
    pollSeconds: z.number().min(0.1).max(60).default(1).describe('Search: seconds between two looks for new versions.'),
    graceSeconds: z
      .number()
      .int()
      .min(0)
      .max(86_400)
      .default(300)
      .describe('Indexer: seconds for which replaced data is kept, so that whoever still reads it can move on.'),
  })
  .refine(({ role, indexerURL }) => role === 'Search' || indexerURL === undefined, {
    error: 'only the role Search has an indexerURL',
    path: ['indexerURL'],
  });

/**
 * Where an OpenID provider may be asked: by https. By plain http anybody on the way could put in keys of their own, so
 * that is for this machine and for the cluster's own network.
 */
function isTrustworthyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (protocol === 'https:') return true;
  const isInside = /^(localhost|127\.0\.0\.1|\[::1\])$|\.svc(\.cluster\.local)?$/.test(hostname);
  return protocol === 'http:' && isInside;
}

const trustworthyUrl = z.string().refine(isTrustworthyUrl, {
  error: 'write an https:// URL (http:// only for localhost and for services of the cluster, *.svc)',
});
const scope = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: 'a scope has no spaces, quotes or backslashes' });

/** The OpenID provider whose tokens are taken. */
export const oidcSchema = z.strictObject({
  issuerURL: trustworthyUrl.describe('Issuer; its discovery document and keys are fetched from there.'),
  audience: z.string().min(1).describe('What a token must name as its audience: usually resourceURL.'),
  requiredScopes: z.array(scope).default([]).describe('Scopes that every token must have.'),
  jwksURL: trustworthyUrl.optional().describe('Where the keys are, for providers without discovery.'),
  caFile: z.string().min(1).optional().describe('PEM file of the certificate authorities to trust for the provider.'),
  codebaseScopePrefix: scope
    .optional()
    .describe('With "codebase:", a token sees the codebases of its scopes codebase:NAME, and all with codebase:*.'),
});

/** Who may call the http port. Takes effect on reload. */
export const authSchema = z
  .strictObject({
    mode: z
      .enum(['None', 'Token', 'OIDC'])
      .default('None')
      .describe(
        'None: everybody who reaches the port; Token: holders of a token file; OIDC: of a token of a provider.',
      ),
    tokenDirectory: z
      .string()
      .min(1)
      .default(paths.authTokens)
      .describe('Mode Token: one file a token, named as its client. Changes take effect within seconds.'),
    grants: z
      .array(
        z.strictObject({
          name: z
            .string()
            .min(1)
            .max(256)
            .describe("The client: a token's file name, or the subject of an OIDC token."),
          codebases: z.array(z.string().min(1)).describe('What it may see; "*" is every codebase.'),
        }),
      )
      .default([])
      .describe('Without any, every client sees every codebase. With some, a client sees what its own grant names.'),
    oidc: oidcSchema.optional(),
    resourceURL: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("URL by which clients reach /mcp. Default: as the request's Host header has it."),
    audit: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether each tool call is logged, at level info.'),
        arguments: z.boolean().default(false).describe('With its arguments; keys and passwords among them are masked.'),
      })
      .prefault({}),
  })
  .superRefine((auth, context) => {
    const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (auth.mode === 'OIDC' && auth.oidc === undefined) fault(['oidc'], 'set issuerURL and audience with mode OIDC');
    const names = auth.grants.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) fault(['grants'], `"${twice}" has two grants: write one, with all codebases`);
    if (auth.grants.length > 0 && auth.oidc?.codebaseScopePrefix !== undefined)
      fault(['grants'], 'either grants or oidc.codebaseScopePrefix decides what a client may see: set one of them');
  });

/** Who may call, as configured. */
export type AuthSettings = z.output<typeof authSchema>;
/** The provider, as configured. */
export type OidcSettings = z.output<typeof oidcSchema>;

/** The file at `paths.config`, written by the operator as YAML and parsed at start and at SIGHUP. Every field takes effect. */
export const serverConfigSchema = z.strictObject({
  sources: z.array(sourceSchema).default([]),
  indexing: z
    .strictObject({
      chunkSizeTokens: z
        .number()
        .int()
        .min(50)
        .max(4000)
        .default(750)
        .describe('Upper limit of a chunk, in estimated tokens.'),
      incremental: z
        .boolean()
        .default(true)
        .describe('False: every change of a source indexes all of its files again.'),
      concurrency: z.number().int().min(1).max(64).default(2).describe('Worker threads that parse and embed.'),
      reindex: z
        .string()
        .default('')
        .describe('A value not seen before asks for one full reindex (annotation codesage.dev/reindex).'),
    })
    .prefault({}),
  embedding: embeddingSchema.prefault({}),
  cache: z
    .strictObject({
      embedding: z.number().int().min(0).default(5000).describe('Entries of the embedding cache; 0 is off.'),
      search: z.number().int().min(0).default(1000).describe('Entries of the search cache; 0 is off.'),
      file: z.number().int().min(0).default(100).describe('Entries of the file cache; 0 is off.'),
      similarityThreshold: z
        .number()
        .min(0.5)
        .max(1)
        .optional()
        .describe(
          'Cosine from which on a query is answered as a similar one was, which the answer tells; off when unset.',
        ),
      persistence: z
        .boolean()
        .default(true)
        .describe('Whether embeddings and the list of frequent queries outlive a restart.'),
      warming: z
        .boolean()
        .default(true)
        .describe('Whether frequent queries are run again after a start and after a new version of the index.'),
      maxAgeSeconds: z
        .number()
        .int()
        .positive()
        .optional()
        .describe('Entries older than this are dropped; no limit when unset.'),
    })
    .prefault({}),
  memory: z
    .strictObject({
      maxMB: z
        .number()
        .int()
        .min(64)
        .default(2048)
        .describe('MAX_MEMORY_MB; at 80 % of it caches shrink and indexing slows.'),
    })
    .prefault({}),
  llm: llmSchema.prefault({}),
  http: z
    .strictObject({
      basePath: z.string().regex(/^\//).default('/').describe('Path prefix under which an ingress serves this server.'),
      allowedOrigins: z
        .array(z.string())
        .default([])
        .describe('Browser origins that may call /mcp; others answer 403. Requests without Origin pass.'),
      drainSeconds: z
        .number()
        .min(0)
        .max(15)
        .optional()
        .describe(
          'Seconds for which a server that was told to stop still accepts calls, so that proxies learn of it first. Default: 5 with the role Search, else 0.',
        ),
      allowedHosts: z
        .array(z.string().regex(/^(\*\.)?[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$/))
        .default([])
        .describe('Host names under which the server answers, *.example.com for all below; every name when empty.'),
    })
    .prefault({}),
  limits: limitsSchema.prefault({}),
  replication: replicationSchema.prefault({}),
  auth: authSchema.prefault({}),
  logging: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      format: z.enum(['json', 'text']).default('json'),
    })
    .prefault({}),
});

/** The parsed configuration: all defaults filled in. */
export type ServerConfig = z.output<typeof serverConfigSchema>;
/** The configuration as one writes it: defaults may be left out. */
export type ServerConfigInput = z.input<typeof serverConfigSchema>;
/** What is embedded with. */
export type EmbeddingSettings = ServerConfig['embedding'];
/** How language models are asked. */
export type LlmSettings = ServerConfig['llm'];
/** One codebase of the configuration. */
export type SourceConfig = ServerConfig['sources'][number];

/** Why searches are ranked by full text alone: the server serves, and its status says so. */
export const embeddingProblemCodes = ['EmbeddingModelMissing', 'EmbeddingModelInvalid'] as const;

/**
 * Why a codebase, the index or the server is not as it should be. A closed set: the operator turns these into
 * condition reasons, so it never reads message texts.
 */
export const problemCodes = [
  'GitUnreachable',
  'GitAuthenticationFailed',
  'GitRefNotFound',
  'GitFailed',
  'PathNotFound',
  'VolumeFull',
  'IndexCorrupted',
  'IndexFormatUnsupported',
  'OutOfMemory',
  ...embeddingProblemCodes,
  'Internal',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** True for problems that leave full-text search as it is. */
export function isEmbeddingProblem({ code }: { code: ProblemCode }): boolean {
  return (embeddingProblemCodes as readonly string[]).includes(code);
}

/** A problem as told to people and to the operator. `message` says what happened and what to do. */
export const problemSchema = z.object({
  // A code that a newer server knows must not make the rest of its answer unreadable.
  code: z.enum(problemCodes).catch('Internal'),
  message: z.string(),
  since: z.iso.datetime().describe('When it was first seen.'),
});
export type Problem = z.infer<typeof problemSchema>;

/** State of one codebase: Pending (never indexed, or still being opened after a start), Syncing (git), Indexing, Ready, Failed (see `problem`). */
export const codebaseStates = ['Pending', 'Syncing', 'Indexing', 'Ready', 'Failed'] as const;
export type CodebaseState = (typeof codebaseStates)[number];

export const codebaseStatusSchema = z.object({
  name: z.string(),
  state: z.enum(codebaseStates),
  revision: z
    .string()
    .optional()
    .describe('Commit of the published index; absent for plain directories and before the first publication.'),
  version: z.string().optional().describe('Name of the published version that is served; no two ever have the same.'),
  files: z.number().int().min(0).describe('Files in the published index.'),
  chunks: z.number().int().min(0).describe('Chunks in the published index.'),
  indexedAt: z.iso.datetime().optional().describe('When the published index was made.'),
  progress: z
    .object({
      filesDone: z.number().int(),
      filesTotal: z.number().int(),
      chunksDone: z.number().int(),
      etaSeconds: z.number().optional(),
    })
    .optional()
    .describe('Present while indexing.'),
  skipped: z
    .record(z.string(), z.number().int())
    .default({})
    .describe('Files left out of the index, counted by reason.'),
  problem: problemSchema.optional().describe('The last failure; the published index keeps serving.'),
});
export type CodebaseStatus = z.infer<typeof codebaseStatusSchema>;

/** Answer of `GET /admin/v1/status` (internal port, `Authorization: Bearer <internal token>`). */
export const adminStatusSchema = z.object({
  version: z.string().describe('Version of the server.'),
  startedAt: z.iso.datetime(),
  health: z.object({
    http: z.enum(['ok', 'failed']),
    mcp: z.enum(['ok', 'failed']),
    memory: z.enum(['ok', 'warning']),
    index: z.enum(['ok', 'empty', 'failed']),
  }),
  codebases: z.array(codebaseStatusSchema),
  index: z.object({
    sizeBytes: z.number().int(),
    formatVersion: z.number().int(),
    embedding: z.string().describe('Name of the embedding model; "none": there is none, see `problem`.'),
    problem: problemSchema.optional(),
  }),
  volume: z
    .object({ capacityBytes: z.number(), usedBytes: z.number(), usedPercent: z.number() })
    .optional()
    .describe('File system that holds the index.'),
  cache: z.object({ hitRate: z.number().min(0).max(1) }),
  embeddedChunks: z.number().int().describe('Chunks embedded since start: 0 after a restart that found its index.'),
  memory: z.object({ rssBytes: z.number(), peakRssBytes: z.number(), maxBytes: z.number() }),
});
export type AdminStatus = z.infer<typeof adminStatusSchema>;

export const cacheNames = ['embedding', 'search', 'file'] as const;
const cacheCountsSchema = z.object({
  hits: z.number().int(),
  misses: z.number().int(),
  invalidations: z.number().int().describe('Entries dropped because they were out of date, or on request.'),
  evictions: z.number().int().describe('Entries dropped to make room.'),
  size: z.number().int().describe('Entries.'),
  maxSize: z.number().int().describe('Most entries; 0 is off.'),
});

/** Answer of `GET /admin/v1/cache`. Counters are since the start of the server. */
export const adminCacheSchema = z.object({
  caches: z.object({ embedding: cacheCountsSchema, search: cacheCountsSchema, file: cacheCountsSchema }),
  hitRate: z.number().min(0).max(1),
  persistedBytes: z.number().int().describe('What is saved on disk.'),
  recommendations: z.array(z.string()),
});
export type AdminCache = z.infer<typeof adminCacheSchema>;

/** Body of `POST /admin/v1/cache/prune`; entries older than the configured age go in any case. */
export const adminCachePruneBody = z.strictObject({
  olderThanSeconds: z.number().int().min(0).optional().describe('0 drops everything.'),
});

/** Answer of `POST /admin/v1/cache/prune` and of `DELETE /admin/v1/cache?cache=NAME` (all when none is named). */
export const adminCacheRemovedSchema = z.object({
  removed: z.object({ embedding: z.number().int(), search: z.number().int(), file: z.number().int() }),
});

/** Prometheus metric names of the server. Alerts and dashboards use only these. */
export const metricNames = {
  toolRequests: 'codesage_tool_requests_total',
  toolDuration: 'codesage_tool_duration_seconds',
  toolCallsRunning: 'codesage_tool_calls_running',
  toolCallsWaiting: 'codesage_tool_calls_waiting',
  httpRequests: 'codesage_http_requests_total',
  authFailures: 'codesage_auth_failures_total',
  indexFiles: 'codesage_index_files',
  indexChunks: 'codesage_index_chunks',
  indexAge: 'codesage_index_age_seconds',
  indexDuration: 'codesage_index_duration_seconds',
  indexRuns: 'codesage_index_runs_total',
  indexMemory: 'codesage_index_memory_bytes',
  embeddedChunks: 'codesage_embedded_chunks_total',
  filesSkipped: 'codesage_files_skipped',
  cacheRequests: 'codesage_cache_requests_total',
  cacheEntries: 'codesage_cache_entries',
  memoryLimit: 'codesage_memory_limit_bytes',
  sourceSyncs: 'codesage_source_syncs_total',
  llmRequests: 'codesage_llm_requests_total',
  llmDuration: 'codesage_llm_duration_seconds',
  llmCircuitOpen: 'codesage_llm_circuit_open',
} as const;

/** Version of the on-disk index; a server refuses to open a newer one and rebuilds an older one. */
export const indexFormatVersion = 2;
