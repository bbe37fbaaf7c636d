/** Decides how git is run: without a shell, without prompts, without the user's settings, and with secrets in files only. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodeSageError } from '../errors.ts';
import { gitProblem, gitTimedOut } from './git-errors.ts';
import { type GitProcess, type GitProcessOptions, startGit } from './git-process.ts';
import type { GitRemote } from './git-url.ts';

const askpass = fileURLToPath(new URL('./askpass.sh', import.meta.url));
const passedOn = ['PATH', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy', 'TMPDIR'];
const maxOutput = 4 << 20;

/**
 * Settings of every git run. No hooks and no background work; any owner's repository may be read, as volumes belong to
 * others; a stalled transfer ends after a minute; what a repository brings cannot run anything.
 */
const gitConfig = `[safe]
	directory = *
[core]
	hooksPath = /dev/null
	fsmonitor = false
	logAllRefUpdates = false
[gc]
	autoDetach = false
	pruneExpire = now
	autoPackLimit = 20
[fetch]
	unpackLimit = 1
[advice]
	detachedHead = false
[http]
	lowSpeedLimit = 1000
	lowSpeedTime = 60
[protocol]
	version = 2
[init]
	defaultBranch = main
`;

export type GitAccess = {
  remote: GitRemote;
  credentialsDirectory?: string | undefined;
  caFile?: string | undefined;
};

/** A private directory for git's HOME and secrets, removed by `close`. */
export type GitSession = {
  run(args: readonly string[], options: GitRunOptions): Promise<string>;
  close(): void;
};
export type GitRunOptions = { cwd?: string; timeoutSeconds: number; signal?: AbortSignal | undefined; action: string };

/** Prepares for git commands towards one remote. @throws CodeSageError `GitAuthenticationFailed` when ssh lacks a key or known hosts. */
export function openGitSession(access: GitAccess): GitSession {
  const home = mkdtempSync(join(tmpdir(), 'codesage-git-'));
  chmodSync(home, 0o700);
  try {
    writeFileSync(join(home, '.gitconfig'), gitConfig);
    const env = gitEnvironment(access, home);
    return {
      run: (args, options) => runGit(args, env, options),
      close: () => rmSync(home, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

function gitEnvironment({ remote, credentialsDirectory, caFile }: GitAccess, home: string): Record<string, string> {
  const inherited = passedOn.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
    GIT_TERMINAL_PROMPT: '0',
    // Submodules can name any URL: local ones could read other codebases, so they are allowed for local remotes only.
    GIT_ALLOW_PROTOCOL: remote.protocol === 'file' ? 'file' : 'https:http:ssh:git',
    GIT_OPTIONAL_LOCKS: '0',
    ...(caFile === undefined ? {} : { GIT_SSL_CAINFO: caFile }),
    ...(remote.protocol === 'ssh'
      ? sshEnvironment(home, credentialsDirectory)
      : passwordEnvironment(remote, home, credentialsDirectory)),
  };
}

/** git asks askpass.sh, which reads the files at that moment, so that a renewed token is used at once. */
function passwordEnvironment(remote: GitRemote, home: string, directory: string | undefined): Record<string, string> {
  let credentials = directory;
  if (credentials === undefined && remote.password !== undefined) {
    credentials = join(home, 'credentials');
    mkdirSync(credentials, { mode: 0o700 });
    writeFileSync(join(credentials, 'username'), `${remote.username}\n`, { mode: 0o600 });
    writeFileSync(join(credentials, 'password'), `${remote.password}\n`, { mode: 0o600 });
  }
  if (credentials === undefined) return { GIT_ASKPASS: '/bin/false' };
  return { GIT_ASKPASS: askpass, CODESAGE_GIT_CREDENTIALS: credentials, CODESAGE_GIT_HOST: remote.host };
}

function sshEnvironment(home: string, directory: string | undefined): Record<string, string> {
  const given = (name: string) =>
    directory === undefined ? undefined : [join(directory, name)].find((path) => existsSync(path));
  const key = given('ssh-privatekey');
  const knownHosts = given('known_hosts');
  if (key === undefined || knownHosts === undefined) {
    throw new CodeSageError(
      'GitAuthenticationFailed',
      `git over ssh needs ${key === undefined ? 'ssh-privatekey' : 'known_hosts'}, which the source's Secret does not have.`,
      'Put both ssh-privatekey and known_hosts (output of ssh-keyscan, checked) into the Secret that the source names.',
    );
  }
  // ssh refuses a key that others may read, which mounted Secrets allow.
  const ownKey = join(home, 'key');
  copyFileSync(key, ownKey);
  chmodSync(ownKey, 0o600);
  const options = [
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'ConnectTimeout=15',
    'ServerAliveInterval=15',
  ];
  const hosts = `UserKnownHostsFile=${knownHosts}`;
  const command = ['ssh', '-F', '/dev/null', '-i', ownKey, '-o', hosts, ...options.flatMap((option) => ['-o', option])];
  // git hands this to a shell.
  return {
    GIT_SSH_COMMAND: command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' '),
    GIT_SSH_VARIANT: 'ssh',
  };
}

async function runGit(args: readonly string[], env: Record<string, string>, options: GitRunOptions): Promise<string> {
  const { timeoutSeconds, signal, action } = options;
  const git = startGit(args, env, options);
  let stdout = '';
  git.stdout.on('data', (data: Buffer) => {
    if (stdout.length < maxOutput) stdout += data.toString('utf8');
  });
  const { code, stderr, stoppedBy } = await git.ended;
  if (signal?.aborted) throw signal.reason;
  if (stoppedBy === 'time') throw gitTimedOut(action, timeoutSeconds);
  if (code !== 0) throw gitProblem(action, stderr);
  return stdout;
}

/** Of a repository that is on this machine: nothing is fetched, no program that a repository names is started. */
export type LocalGit = {
  /** A private directory that `close` removes. */
  readonly home: string;
  /** Starts git in the repository whose data is in `gitDirectory`; no other is looked for. */
  start(gitDirectory: string, args: readonly string[], options: GitProcessOptions): GitProcess;
  close(): void;
};

/** Prepares for git commands that only read what is here. */
export function openLocalGit(): LocalGit {
  const home = mkdtempSync(join(tmpdir(), 'codesage-git-'));
  chmodSync(home, 0o700);
  writeFileSync(join(home, '.gitconfig'), gitConfig);
  const path = process.env.PATH;
  const env = {
    ...(path !== undefined && { PATH: path }),
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    GIT_PAGER: 'cat',
    GIT_OPTIONAL_LOCKS: '0',
    // A partial clone would ask its remote for what it lacks, by whatever command its settings name.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
  };
  return {
    home,
    start: (gitDirectory, args, options) =>
      startGit(['--no-pager', ...args], { ...env, GIT_DIR: gitDirectory }, { cwd: home, ...options }),
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}
