/** Decides how tests reach the checkout they belong to and the programs of the machine. */
export { repository } from '../../../hack/cluster/cache.ts';
export { run } from '../../../hack/cluster/command.ts';
