/** Decides how a source is written: where files come from, and which of them are indexed. */
import { z } from 'zod';
import { field, nameReference, quantity, quantityRule } from '../schema.ts';

const git = z.object({
  url: field(
    z.string().min(1).max(2048),
    'Clone URL: https://, http://, ssh://, git:// or file://, the short form git@host:path, or an absolute path in the container.',
    {
      rules: [
        {
          rule: "self.matches('^(https?|ssh|git|file)://.+') || self.matches('^[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:.+') || self.startsWith('/')",
          message:
            'must be a clone URL: write https://host/path, ssh://user@host/path, git@host:path, git://, file:// or an absolute path',
        },
        {
          rule: "!self.matches('^https?://[^/]*@') && !self.matches('^[a-z]+://[^/@]*:[^/@]*@')",
          message: 'must not hold credentials: put username and password into a Secret and name it in secretRef',
        },
      ],
    },
  ),
  ref: field(
    z.string().min(1).max(255).optional(),
    "Branch, tag or commit to index. Default: the remote's default branch.",
    {
      rules: [
        {
          rule: "!self.startsWith('-') && !self.matches('\\\\s')",
          message: 'must be a branch, tag or commit: it has no spaces and does not begin with a dash',
        },
      ],
    },
  ),
  secretRef: field(
    nameReference('Secret').optional(),
    'Secret with username and password (or a token as password), or with ssh-privatekey and known_hosts.',
  ),
  caSecretRef: field(
    nameReference('Secret').optional(),
    'Secret whose key ca.crt holds the certificate authorities to trust for this remote.',
  ),
  interval: field(
    z.string().max(32).default('5m'),
    'Time between two looks at the remote, for example 30s, 5m or 1h30m.',
    {
      rules: [
        {
          rule: "self.matches('^([0-9]+(s|m|h))+$')",
          message: 'must be a duration: write for example 30s, 5m or 1h30m',
        },
        {
          rule: "!self.matches('^([0-9]+(s|m|h))+$') || (duration(self) >= duration('5s') && duration(self) <= duration('720h'))",
          message: 'must be between 5s and 720h: more often than every five seconds is hard on the remote',
        },
      ],
    },
  ),
  depth: field(
    z.int().min(0).max(1_000_000).default(1),
    'Commits of history to fetch, for the tools that show it; 0 is all, with its tags.',
  ),
  submodules: field(z.boolean().default(false), 'Whether submodules are checked out and indexed too.'),
});

const volumeSource = z.object({
  claimName: field(
    z.string().min(1).max(253),
    'Name of a PersistentVolumeClaim of the same namespace; mounted read-only.',
  ),
  subPath: field(z.string().max(1024).optional(), 'Directory of the volume to index. Default: all of it.', {
    rules: [
      {
        rule: "!self.startsWith('/') && !self.split('/').exists(part, part == '..')",
        message: 'must be a relative path inside the volume: write it without a leading slash and without ..',
      },
    ],
  }),
});

const globs = (description: string) =>
  field(z.array(z.string().min(1).max(512)).max(100).optional(), description, { listType: 'atomic' });

export const source = z.object({
  name: field(z.string().min(1).max(63), "The codebase's name in every tool.", {
    rules: [
      {
        rule: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        message:
          'must be lower-case letters, digits and dashes, beginning and ending with a letter or digit: write for example my-project',
      },
    ],
  }),
  git: field(git.optional(), 'A git repository that the server keeps in sync.'),
  volume: field(volumeSource.optional(), 'A directory of a volume, which the server only reads.'),
  include: globs('Globs; when any is given, only matching files are indexed.'),
  exclude: globs('Globs of files that are not indexed, beyond those of .gitignore and .codesageignore.'),
  maxFileSize: field(quantity().default('1Mi'), 'Larger files are skipped and counted.', {
    rules: [
      quantityRule('1Mi'),
      {
        rule: "!isQuantity(string(self)) || quantity(string(self)).isGreaterThan(quantity('0'))",
        message: 'must be more than zero: write for example 1Mi',
      },
    ],
  }),
});
