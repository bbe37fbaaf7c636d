/**
 * Decides with which arguments each tool is called for docs/tools.md. A tool that is not named here is called with the
 * example of its own description, so a new tool needs an entry only if that example does not fit the shop of `shop.ts`.
 */
export const exampleCalls: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  semantic_search_codebase: { query: 'retry a failed payment with backoff', codebase_path: 'shop', top_k: 2 },
  read_code_file: { file_path: 'shop/src/payment.ts', start_line: 19, end_line: 31 },
  find_duplicate_code: { codebase_path: 'shop', min_similarity: 0.9, min_lines: 10 },
  list_commits: { codebase_path: 'shop', path: 'src/payment.ts', limit: 10 },
  get_diff: { codebase_path: 'shop', commit: 'HEAD~1', path_globs: ['src/orders.ts'] },
  summarize_code_section: { file_path: 'shop/src/payment.ts', function_name: 'retryPayment' },
  suggest_code_improvements: { file_path: 'shop/reports/sales.py', start_line: 1, end_line: 30 },
  generate_unit_tests: { file_path: 'shop/src/payment.ts', function_name: 'backoff' },
  resolve_todo_fixme: { file_path: 'shop/src/payment.ts', line_number: 21 },
  profile_code_performance: { file_path: 'shop/reports/sales.py', function_name: 'best_sellers' },
  parse_llm_response: { llm_response_content: "Sure, here it is: {'retries': 3, 'pause': 'growing',}" },
};
