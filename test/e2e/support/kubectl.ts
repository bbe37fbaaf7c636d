/** Decides how tests speak to the cluster: through kubectl, as a user does, with JSON answers checked by a schema. */
import { spawn } from 'node:child_process';
import { z } from 'zod';

export type KubectlResult = { exitCode: number; stdout: string; stderr: string };

const conditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});

/** What tests read of a CodeSageServer. */
export const codeSageServerSchema = z.object({
  metadata: z.object({ name: z.string(), uid: z.string(), generation: z.number(), resourceVersion: z.string() }),
  status: z
    .object({
      phase: z.string().default(''),
      url: z.string().default(''),
      observedGeneration: z.number().default(0),
      readyReplicas: z.number().default(0),
      conditions: z.array(conditionSchema).default([]),
      codebases: z
        .array(
          z.object({
            name: z.string(),
            state: z.string(),
            files: z.number().default(0),
            chunks: z.number().default(0),
            revision: z.string().default(''),
          }),
        )
        .default([]),
    })
    .prefault({}),
});
export type CodeSageServerView = z.infer<typeof codeSageServerSchema>;
export type Condition = z.infer<typeof conditionSchema>;

/** Runs kubectl against one kubeconfig and namespace. */
export class Kubectl {
  readonly binary: string;
  readonly kubeconfig: string;
  readonly namespace: string;

  constructor(binary: string, kubeconfig: string, namespace: string) {
    this.binary = binary;
    this.kubeconfig = kubeconfig;
    this.namespace = namespace;
  }

  /** Runs kubectl and resolves whatever its exit code. */
  async try(args: string[], input?: string): Promise<KubectlResult> {
    const child = spawn(this.binary, ['--kubeconfig', this.kubeconfig, '--namespace', this.namespace, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.end(input ?? '');
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    return { exitCode, stdout, stderr };
  }

  /** Runs kubectl; rejects with its standard error when it exits non-zero. */
  async run(args: string[], input?: string): Promise<string> {
    const result = await this.try(args, input);
    if (result.exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr.trim()}`);
    return result.stdout;
  }

  async json(args: string[]): Promise<unknown> {
    return JSON.parse(await this.run([...args, '--output', 'json']));
  }

  /** Applies manifests given as objects. */
  async apply(...manifests: object[]): Promise<void> {
    await this.run(['apply', '--filename', '-'], manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n'));
  }

  async server(name: string): Promise<CodeSageServerView> {
    return codeSageServerSchema.parse(await this.json(['get', 'codesageserver', name]));
  }

  /** The condition of that type, or undefined while it is not there. */
  async condition(name: string, type: string): Promise<Condition | undefined> {
    return (await this.server(name)).status.conditions.find((condition) => condition.type === type);
  }
}
