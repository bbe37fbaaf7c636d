/** Decides the addresses inside a node. All are private to its network namespace, so every node uses the same ones. */
export const network = {
  /** The node itself, and the host as seen by pods through a forward. */
  node: '172.31.255.1',
  pods: '10.244.0.0/24',
  cluster: '10.244.0.0/16',
  services: '10.96.0.0/16',
  api: '10.96.0.1',
  dns: '10.96.0.10',
} as const;
