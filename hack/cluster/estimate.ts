/** Decides how long `hack/up` says that it will take, from what is there already. */
import { existsSync } from 'node:fs';
import { baseImageArchive } from './base-image.ts';
import { binariesFolder } from './binaries.ts';
import { imageLayout, imageTag, recipes } from './images.ts';
import { runningNode } from './node.ts';
import { hasName } from './oci-layout.ts';
import { missingPackages } from './packages.ts';
import { duration } from './progress.ts';

/** What is there already. */
export type Present = {
  packages: boolean;
  binaries: boolean;
  base: boolean;
  operator: boolean;
  server: boolean;
  node: boolean;
};

/** Seconds on two cores, and the reasons for them as words. */
export function estimate(present: Present): { seconds: number; parts: string[] } {
  const parts: string[] = [];
  const add = (missing: boolean, name: string, seconds: number) => {
    if (missing) parts.push(`${name} ${duration(seconds)}`);
    return missing ? seconds : 0;
  };
  const packages = add(!present.packages, 'Debian packages', 45);
  const binaries = add(!present.binaries, 'Kubernetes from Go modules', 13 * 60);
  const images =
    add(!present.base, 'base image', 100) +
    add(!present.operator, 'operator image', 40) +
    add(!present.server, 'server image', 50);
  const node = add(!present.node, 'node with its images', 40);
  // The Go build and the images run side by side, on the same two cores.
  return { seconds: packages + Math.max(binaries + images / 2, images) + node + 25, parts };
}

/** The sentence that is shown before anything starts. `context`: the cluster is there already. */
export async function announcement(cluster: string, context: boolean): Promise<string> {
  const [operator, server] = await Promise.all([imageTag(recipes.operator), imageTag(recipes.server)]);
  const image = (name: string, tag: string) => hasName(imageLayout(), `${name}-${tag}`);
  const { seconds, parts } = estimate({
    packages: missingPackages().length === 0,
    binaries: existsSync(await binariesFolder()),
    base: existsSync(baseImageArchive()),
    operator: await image(recipes.operator.name, operator),
    server: await image(recipes.server.name, server),
    node: context || (await runningNode(cluster)) !== undefined,
  });
  const about = seconds < 60 ? 'less than a minute' : `about ${Math.ceil(seconds / 60)} min`;
  return parts.length === 0
    ? `This takes ${about}: everything is built, only changes are applied.`
    : `This takes ${about} on two cores (${parts.join(', ')}). What is built is kept; Ctrl-C is safe, the next run goes on.`;
}
