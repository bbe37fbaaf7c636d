/** Decides which nodes of each grammar are loops, branches, functions and the like, as far as time depends on them. */
import type { GrammarName } from '../syntax/grammars.ts';

export type NodeKinds = {
  loops: readonly string[];
  /** What nests besides loops. */
  branches: readonly string[];
  /** Functions with a name: what is inside runs when they are called, not where they stand. */
  functions: readonly string[];
  /** Functions without one, which mostly run where they stand. */
  lambdas: readonly string[];
  awaits?: readonly string[];
  assignments?: readonly string[];
  /** Nodes that make an object. */
  creations?: readonly string[];
  /** Statements that run at the end of the function. */
  defers?: readonly string[];
  /** How `s += "x"` behaves in a loop: it copies all of `s`, or the runtime helps mostly, or it costs nothing. */
  concatenation: 'copies' | 'helped' | 'free';
};

const javascript: NodeKinds = {
  loops: ['for_statement', 'for_in_statement', 'while_statement', 'do_statement'],
  branches: ['if_statement', 'switch_statement', 'try_statement'],
  functions: ['function_declaration', 'generator_function_declaration', 'method_definition'],
  lambdas: ['arrow_function', 'function_expression', 'generator_function'],
  awaits: ['await_expression'],
  assignments: ['assignment_expression', 'augmented_assignment_expression'],
  creations: ['new_expression'],
  concatenation: 'helped',
};

const c: NodeKinds = {
  loops: ['for_statement', 'while_statement', 'do_statement'],
  branches: ['if_statement', 'switch_statement'],
  functions: ['function_definition'],
  lambdas: [],
  concatenation: 'free',
};

/** Grammars of languages with functions. */
export const nodeKinds: Readonly<Partial<Record<GrammarName, NodeKinds>>> = {
  javascript,
  typescript: javascript,
  tsx: javascript,
  python: {
    loops: [
      'for_statement',
      'while_statement',
      'list_comprehension',
      'set_comprehension',
      'dictionary_comprehension',
      'generator_expression',
    ],
    branches: ['if_statement', 'try_statement', 'match_statement', 'with_statement'],
    functions: ['function_definition'],
    lambdas: ['lambda'],
    awaits: ['await'],
    assignments: ['assignment', 'augmented_assignment'],
    concatenation: 'copies',
  },
  go: {
    loops: ['for_statement'],
    branches: ['if_statement', 'expression_switch_statement', 'type_switch_statement', 'select_statement'],
    functions: ['function_declaration', 'method_declaration'],
    lambdas: ['func_literal'],
    assignments: ['assignment_statement'],
    defers: ['defer_statement'],
    concatenation: 'copies',
  },
  rust: {
    loops: ['for_expression', 'while_expression', 'loop_expression'],
    branches: ['if_expression', 'match_expression'],
    functions: ['function_item'],
    lambdas: ['closure_expression'],
    awaits: ['await_expression'],
    concatenation: 'free',
  },
  java: {
    loops: ['for_statement', 'enhanced_for_statement', 'while_statement', 'do_statement'],
    branches: ['if_statement', 'switch_expression', 'try_statement', 'try_with_resources_statement'],
    functions: ['method_declaration', 'constructor_declaration', 'compact_constructor_declaration'],
    lambdas: ['lambda_expression'],
    assignments: ['assignment_expression'],
    creations: ['object_creation_expression'],
    concatenation: 'copies',
  },
  csharp: {
    loops: ['for_statement', 'foreach_statement', 'while_statement', 'do_statement'],
    branches: ['if_statement', 'switch_statement', 'try_statement', 'using_statement'],
    functions: ['method_declaration', 'constructor_declaration', 'local_function_statement'],
    lambdas: ['lambda_expression', 'anonymous_method_expression'],
    awaits: ['await_expression'],
    assignments: ['assignment_expression'],
    creations: ['object_creation_expression'],
    concatenation: 'copies',
  },
  kotlin: {
    loops: ['for_statement', 'while_statement', 'do_while_statement'],
    branches: ['if_expression', 'when_expression', 'try_expression'],
    functions: ['function_declaration'],
    lambdas: ['lambda_literal', 'anonymous_function'],
    assignments: ['assignment'],
    concatenation: 'copies',
  },
  scala: {
    loops: ['for_expression', 'while_expression'],
    branches: ['if_expression', 'match_expression', 'try_expression'],
    functions: ['function_definition'],
    lambdas: ['lambda_expression'],
    assignments: ['assignment_expression'],
    creations: ['instance_expression'],
    concatenation: 'copies',
  },
  ruby: {
    loops: ['for', 'while', 'until', 'while_modifier', 'until_modifier'],
    branches: ['if', 'unless', 'case', 'case_match', 'begin'],
    functions: ['method', 'singleton_method'],
    lambdas: ['block', 'do_block', 'lambda'],
    assignments: ['operator_assignment'],
    concatenation: 'copies',
  },
  php: {
    loops: ['for_statement', 'foreach_statement', 'while_statement', 'do_statement'],
    branches: ['if_statement', 'switch_statement', 'match_expression', 'try_statement'],
    functions: ['function_definition', 'method_declaration'],
    lambdas: ['anonymous_function', 'arrow_function'],
    creations: ['object_creation_expression'],
    concatenation: 'free',
  },
  swift: {
    loops: ['for_statement', 'while_statement', 'repeat_while_statement'],
    branches: ['if_statement', 'switch_statement', 'do_statement', 'guard_statement'],
    functions: ['function_declaration'],
    lambdas: ['lambda_literal'],
    awaits: ['await_expression'],
    concatenation: 'free',
  },
  c,
  cpp: {
    ...c,
    loops: [...c.loops, 'for_range_loop'],
    branches: [...c.branches, 'try_statement'],
    lambdas: ['lambda_expression'],
    creations: ['new_expression'],
  },
  lua: {
    loops: ['for_statement', 'while_statement', 'repeat_statement'],
    branches: ['if_statement'],
    functions: ['function_declaration'],
    lambdas: ['function_definition'],
    assignments: ['assignment_statement'],
    concatenation: 'copies',
  },
  bash: {
    loops: ['for_statement', 'c_style_for_statement', 'while_statement'],
    branches: ['if_statement', 'case_statement'],
    functions: ['function_definition'],
    lambdas: [],
    concatenation: 'free',
  },
};
