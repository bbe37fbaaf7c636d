/** Decides whether the set of tools is what clients rely on: names, order, schemas, hints and their generated page. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { renderToolsDoc } from './document.ts';
import { registry } from './registry.ts';

test('[server.stable-tool-list] the tools and their order', () => {
  expect(registry.map(({ name }) => name)).toEqual([
    'list_codebases',
    'semantic_search_codebase',
    'search_codebase',
    'read_code_file',
    'find_symbol',
    'find_references',
    'trace_calls',
    'get_file_structure',
    'analyze_function_dependencies',
    'list_undocumented_functions',
    'find_related_code',
    'find_duplicate_code',
    'list_commits',
    'search_commits',
    'get_diff',
    'list_files',
    'count_lines_of_code',
    'get_dependencies_overview',
    'analyze_codebase_improvements',
    'summarize_code_section',
    'suggest_code_improvements',
    'generate_unit_tests',
    'resolve_todo_fixme',
    'profile_code_performance',
    'generate_boilerplate',
    'generate_llm_api_wrapper',
    'parse_llm_response',
    'get_index_status',
    'index_codebase',
    'get_cache_statistics',
    'analyze_cache_effectiveness',
    'get_performance_metrics',
    'get_usage_patterns',
    'get_configuration',
    'configure_api_key',
    'auto_document_tool',
  ]);
});

describe.each(registry.map((tool) => [tool.name, tool] as const))('%s', (_name, tool) => {
  test('[server.structured-answers] has all four annotations and an output schema of an object', () => {
    expect(Object.keys(tool.annotations).toSorted()).toEqual([
      'destructiveHint',
      'idempotentHint',
      'openWorldHint',
      'readOnlyHint',
    ]);
    expect(tool.outputSchema.type).toBe('object');
    expect(tool.outputSchema.required).toBeInstanceOf(Array);
  });

  test('says when to use it and gives an example that its own schema accepts', () => {
    const example = /Example: (\{.*?\})(?: or .*)?$/.exec(tool.description)?.[1];
    expect(tool.input.safeParse(JSON.parse(example ?? '')).error).toBeUndefined();
    expect(tool.description).toMatch(/use/i);
  });

  test("keeps the original's required parameters", () => {
    const required: Record<string, string[]> = {
      semantic_search_codebase: ['query'],
      search_codebase: ['codebase_path', 'pattern'],
      read_code_file: ['file_path'],
      index_codebase: ['path'],
      find_symbol: ['name'],
      find_references: ['name'],
      trace_calls: ['symbol'],
      get_file_structure: ['codebase_path', 'file_path'],
      analyze_function_dependencies: ['file_path'],
      find_related_code: ['file_path'],
      find_duplicate_code: ['codebase_path'],
      list_files: ['codebase_path'],
      count_lines_of_code: ['codebase_path'],
      get_dependencies_overview: ['codebase_path'],
      analyze_codebase_improvements: ['codebase_path'],
      profile_code_performance: ['file_path'],
      generate_boilerplate: ['boilerplate_type'],
      generate_llm_api_wrapper: ['llm_provider', 'model_name'],
      parse_llm_response: ['llm_response_content'],
      summarize_code_section: ['file_path'],
      suggest_code_improvements: ['file_path'],
      generate_unit_tests: ['file_path'],
      resolve_todo_fixme: ['file_path', 'line_number'],
      configure_api_key: ['llm_provider', 'api_key'],
      list_commits: ['codebase_path'],
      search_commits: ['codebase_path', 'query'],
      get_diff: ['codebase_path'],
    };
    expect(tool.inputSchema.required ?? []).toEqual(required[tool.name] ?? []);
  });

  test('its schemas are plain JSON Schema, without references', () => {
    expect(JSON.stringify([tool.inputSchema, tool.outputSchema])).not.toContain('$ref');
  });
});

describe('renderToolsDoc', () => {
  test('names every tool and parameter, the same each time', () => {
    const page = renderToolsDoc(registry);
    expect(renderToolsDoc(registry)).toBe(page);
    for (const tool of registry) {
      expect(page).toContain(`## ${tool.name}`);
      for (const name of Object.keys(z.toJSONSchema(tool.input).properties ?? {}))
        expect(page).toContain(`| \`${name}\` |`);
    }
    expect(page).toContain('| `top_k` | integer, 1 to 100 | `5` |');
    expect(page).toContain('| `codebase_path` | string | **required** |');
  });
});
