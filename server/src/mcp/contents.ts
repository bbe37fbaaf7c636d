/** Decides what the protocol may ask for besides tools: resources, prompts and completions, as ports behind which the codebases are. */
import type {
  CompleteRequestParams,
  CompleteResult,
  GetPromptResult,
  InputRequiredResult,
  ListResourcesResult,
  Prompt,
  ReadResourceResult,
  ResourceTemplateType,
} from '@modelcontextprotocol/server';
import type { Caller } from '../auth/caller.ts';

/** Who asks, and whether they still wait. */
export type Asked = {
  caller: Caller;
  signal: AbortSignal;
  /** In whose turn heavy work waits, and by which the request is found again, as of calls of tools. */
  client?: string;
  requestId?: string;
};

export type McpResources = {
  /** One page of what this caller may read. `cursor` is the `nextCursor` of the page before. */
  list: (cursor: string | undefined, asked: Asked) => Promise<ListResourcesResult>;
  /** Forms of address that are too many to list. */
  templates: readonly ResourceTemplateType[];
  /** @throws ResourceNotFoundError, or ProtocolError for an address that says nothing. */
  read: (uri: string, asked: Asked) => Promise<ReadResourceResult | InputRequiredResult>;
};

export type McpPrompts = {
  /** In a fixed order. */
  listed: readonly Prompt[];
  /** @throws ProtocolError for a name or an argument that there is not. */
  get: (
    name: string,
    args: Readonly<Record<string, string>>,
    asked: Asked,
  ) => Promise<GetPromptResult | InputRequiredResult>;
};

/** Proposes values for an argument of a prompt or a part of a resource's address. */
export type Completion = (params: CompleteRequestParams, asked: Asked) => Promise<CompleteResult>;

export type McpContents = { resources: McpResources; prompts: McpPrompts; complete: Completion };
