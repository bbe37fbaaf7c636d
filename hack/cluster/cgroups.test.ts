import { expect, test } from 'vitest';
import { parseHierarchies } from './cgroups.ts';

test('hierarchies of version 1 are taken with the options that mount them anew, and the empty version 2 beside them is not', () => {
  const mounts = [
    'tmpfs /sys/fs/cgroup tmpfs rw,mode=755 0 0',
    'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,nodev,noexec,relatime,cpu,cpuacct 0 0',
    'cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,xattr,release_agent=/lib/agent,name=systemd 0 0',
    'cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0',
  ].join('\n');
  expect(parseHierarchies(mounts)).toEqual([
    { version: 1, path: '/sys/fs/cgroup/cpu,cpuacct', options: 'cpu,cpuacct' },
    { version: 1, path: '/sys/fs/cgroup/systemd', options: 'none,name=systemd' },
  ]);
});

test('version 2 is taken where it is alone', () => {
  expect(parseHierarchies('cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n')).toEqual([
    { version: 2, path: '/sys/fs/cgroup', options: '' },
  ]);
});
