/** Decides what the node's programs are told: pure renderings of their configuration files. */
import { stringify } from 'yaml';
import { network } from './network.ts';

export type NodePaths = {
  /** Name of the node, of its cgroups and of its state folder. */
  name: string;
  /** Folder of all that belongs to this node and dies with it. */
  state: string;
  /** Folder of the programs. */
  bin: string;
};

/** How containerd connects pods: a bridge, and host ports for the ingress. */
export function renderCni({ state }: NodePaths): string {
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'node',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: `${state}/run/ipam`,
          ranges: [[{ subnet: network.pods }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  });
}

const unusedContainerdPlugins = [
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.erofs',
  'io.containerd.tracing.processor.v1.otlp',
  'io.containerd.internal.v1.tracing',
  'io.containerd.nri.v1.nri',
];

/** containerd's TOML. Every string in it is a path or a name of ours, so JSON's quoting is TOML's. */
export function renderContainerd({ state, bin }: NodePaths): string {
  const q = JSON.stringify;
  return `version = 3
root = ${q(`${state}/containerd`)}
state = ${q(`${state}/run/containerd`)}
disabled_plugins = ${q(unusedContainerdPlugins)}
[grpc]
address = ${q(`${state}/run/containerd.sock`)}
[ttrpc]
address = ${q(`${state}/run/containerd.sock.ttrpc`)}
[plugins.'io.containerd.cri.v1.images']
snapshotter = "overlayfs"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "localhost/pause:1"
[plugins.'io.containerd.cri.v1.runtime']
disable_apparmor = true
# Root may lack CAP_SYS_RESOURCE; runc would then die of not being allowed to lower oom_score_adj.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["/usr/lib/cni"]
conf_dir = ${q(`${state}/cni`)}
[plugins.'io.containerd.cri.v1.runtime'.containerd]
default_runtime_name = "runc"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
runtime_path = ${q(`${bin}/containerd-shim-runc-v2`)}
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = "/usr/sbin/runc"
SystemdCgroup = false
`;
}

/** The kubelet's configuration. */
export function renderKubelet({ state }: NodePaths, cgroupVersion: 1 | 2): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // Refused by default since Kubernetes 1.35; the field is going away together with cgroup v1.
    ...(cgroupVersion === 1 ? { failCgroupV1: false } : {}),
    cgroupDriver: 'cgroupfs',
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${state}/run/containerd.sock`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${state}/pki/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${state}/pki/kubelet.crt`,
    tlsPrivateKeyFile: `${state}/pki/kubelet.key`,
    clusterDNS: [network.dns],
    clusterDomain: 'cluster.local',
    resolvConf: '',
    podLogsDir: `${state}/logs/pods`,
    volumePluginDir: `${state}/kubelet-plugins`,
    // Images exist nowhere else: the kubelet must never collect one.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '0%',
      'imagefs.available': '0%',
      'nodefs.inodesFree': '0%',
    },
    serializeImagePulls: false,
    nodeStatusReportFrequency: '1m',
    // Mounted Secrets and ConfigMaps follow their objects within about this time instead of a minute.
    syncFrequency: '10s',
    housekeepingInterval: '5s',
  });
}

/** kube-proxy's configuration. */
export function renderProxy({ name, state }: NodePaths): string {
  return stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: `${state}/proxy.kubeconfig` },
    clusterCIDR: network.cluster,
    hostnameOverride: name,
    bindAddress: '127.0.0.1',
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    // The kernel's maximum cannot be written from a namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    nftables: { minSyncPeriod: '0s', syncPeriod: '30s' },
  });
}
