import { describe, expect, test } from 'vitest';
import { gitProblem } from './git-errors.ts';
import { findRef, parseRemoteRefs, refPatterns } from './git-refs.ts';
import { parseGitUrl } from './git-url.ts';
import { nextDelayMs } from './schedule.ts';

describe('[index.git-faults] what git says', () => {
  test.each([
    ["fatal: unable to access 'https://x/': Could not resolve host: x", 'GitUnreachable'],
    ['fatal: unable to connect to x: Connection refused', 'GitUnreachable'],
    ["fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate", 'GitUnreachable'],
    ["fatal: Authentication failed for 'https://x/'", 'GitAuthenticationFailed'],
    ["fatal: could not read Username for 'https://x': terminal prompts disabled", 'GitAuthenticationFailed'],
    ['git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'GitAuthenticationFailed'],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'GitAuthenticationFailed'],
    ["remote: Repository not found.\nfatal: repository 'https://x/' not found", 'GitAuthenticationFailed'],
    ["fatal: couldn't find remote ref refs/heads/x", 'GitRefNotFound'],
    ['fatal: remote error: upload-pack: not our ref 0123', 'GitRefNotFound'],
    ['error: file write error: No space left on device\nfatal: unable to write', 'VolumeFull'],
    ['fatal: something new', 'GitFailed'],
    ['', 'GitFailed'],
  ])('%s is %s', (stderr, code) => {
    const problem = gitProblem('fetch', stderr);
    expect(problem.code).toBe(code);
    expect(problem.remedy).not.toBe('');
    expect(problem.message).toMatch(/^git fetch failed: .+\.$/);
  });
});

describe('clone URLs', () => {
  test.each([
    {
      text: 'https://h.example/a.git',
      remote: { url: 'https://h.example/a.git', protocol: 'https', host: 'h.example' },
    },
    {
      text: 'https://u:p%40ss@h.example:8443/a',
      remote: {
        url: 'https://h.example:8443/a',
        protocol: 'https',
        host: 'h.example:8443',
        username: 'u',
        password: 'p@ss',
      },
    },
    {
      text: 'https://token@h.example/a',
      remote: { url: 'https://h.example/a', protocol: 'https', host: 'h.example', username: 'git', password: 'token' },
    },
    { text: 'git@h.example:a/b.git', remote: { url: 'git@h.example:a/b.git', protocol: 'ssh', host: 'h.example' } },
    { text: 'ssh://git@h.example/a', remote: { url: 'ssh://git@h.example/a', protocol: 'ssh', host: 'h.example' } },
    { text: '/srv/a', remote: { url: 'file:///srv/a', protocol: 'file', host: '' } },
    { text: 'ext::sh -c x', remote: undefined },
    { text: 'javascript://x', remote: undefined },
    { text: '--upload-pack=x:y', remote: undefined },
    { text: 'nonsense', remote: undefined },
  ])('$text', ({ text, remote }) => {
    expect(parseGitUrl(text)).toEqual(remote);
  });
});

describe('refs', () => {
  const a = 'a'.repeat(40);
  const b = 'b'.repeat(40);
  const refs = parseRemoteRefs(
    `${a}\tHEAD\n${a}\trefs/heads/main\n${b}\trefs/tags/main\n${a}\trefs/tags/v1\n${b}\trefs/tags/v1^{}\n`,
  );
  test.each([
    { ref: undefined, found: { name: 'HEAD', commit: a } },
    { ref: 'main', found: { name: 'refs/heads/main', commit: a } },
    { ref: 'refs/tags/main', found: { name: 'refs/tags/main', commit: b } },
    { ref: 'v1', found: { name: 'refs/tags/v1', commit: b } },
    { ref: 'none', found: undefined },
  ])('$ref', ({ ref, found }) => {
    expect(findRef(refs, ref)).toEqual(found);
  });

  test('are asked for as branch, tag and what a tag points to', () => {
    expect(refPatterns('v1')).toEqual(['refs/heads/v1', 'refs/tags/v1', 'refs/tags/v1^{}']);
  });
});

describe('the next look', () => {
  test.each([
    { failures: 0, random: 0.5, delay: 300_000 },
    { failures: 0, random: 0, delay: 270_000 },
    { failures: 0, random: 1, delay: 330_000 },
    { failures: 1, random: 0.5, delay: 5_000 },
    { failures: 3, random: 0.5, delay: 20_000 },
    { failures: 50, random: 0.5, delay: 300_000 },
  ])('after $failures failures comes in $delay ms (random $random)', ({ failures, random, delay }) => {
    expect(nextDelayMs({ intervalSeconds: 300, failures, random })).toBe(delay);
  });
});
