/** Decides whether files with credentials are told from others that are only named or shaped like them. */
import { describe, expect, test } from 'vitest';
import { isSecretPath, isSecretText } from './secret-rules.ts';

describe('[index.skips] secret by name', () => {
  test.each([
    '.env',
    'app/.env.production',
    'app/.env-staging',
    'app/.env.bak',
    'app/.envrc',
    'deploy/prod.env',
    'deploy/prod.tfvars',
    'deploy/server.PEM',
    'tls.key',
    'tls.key~',
    'keys/id_rsa.bak',
    'keys/id_rsa.bak~',
    'keys/server.pem.old',
    '.ssh/id_ed25519',
    '.ssh/config',
    '.npmrc',
    'home/.docker/config.json',
    '.aws/credentials',
    '.gnupg/secring',
    '.cargo/credentials.toml',
    '.bash_history',
    'state.tfstate',
    'terraform.tfstate.backup',
    'credentials.json',
    'client_secret_1234.apps.googleusercontent.com.json',
    'ci/service-account.json',
    'serviceAccountKey.json',
    'kubeconfig',
    'prod.kubeconfig',
    'kubeconfig.yaml',
    'config/secrets.yml',
  ])('%s', (path) => {
    expect(isSecretPath(path)).toBe(true);
  });

  test.each([
    '.env.example',
    '.env-sample',
    'deploy/example.env',
    'deploy/prod.env.example',
    'deploy/example.tfvars',
    'deploy/prod.example.tfvars',
    'environment.ts',
    'key.ts',
    'keys.go',
    '.ssh/id_ed25519.pub',
    'docker/config.json',
    'credentials.ts',
    'kubeconfig.go',
    'service-account.yaml',
    'charts/shop/templates/secrets.yaml',
    '.github/workflows/secrets.yml',
    'secrets.ts',
    'history.ts',
    'tfstate.go',
  ])('not %s', (path) => {
    expect(isSecretPath(path)).toBe(false);
  });
});

describe('[index.skips] secret by content', () => {
  const certificate = `certificate-authority-data: ${'A'.repeat(4000)}`;
  test.each([
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMII\n'],
    ['a private key behind comments', '# of the test server\n\n-----BEGIN RSA PRIVATE KEY-----\nMII\n'],
    ['a PGP private key', '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ\n'],
    [
      "a service account's key",
      '{\n  "type": "service_account",\n  "private_key": "-----BEGIN PRIVATE KEY-----\\nMII\\n-----END PRIVATE KEY-----\\n"\n}\n',
    ],
    ['a kubeconfig', 'apiVersion: v1\nkind: Config\nusers:\n- name: bot\n  user:\n    token: abc\n'],
    [
      'a kubeconfig as kubectl writes it',
      `apiVersion: v1\nclusters:\n- cluster:\n    ${certificate}\nkind: Config\nusers:\n- name: bot\n  user:\n    client-key-data: LS0t\n`,
    ],
  ])('%s', (_what, text) => {
    expect(isSecretText(text)).toBe(true);
  });

  test.each([
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMII\n'],
    ['a public key', '-----BEGIN PUBLIC KEY-----\nMII\n'],
    ['code that writes keys', "package pem\n\nconst begin = '-----BEGIN PRIVATE KEY-----'\n"],
    ['a kubeconfig without credentials', 'apiVersion: v1\nkind: Config\nusers:\n- name: bot\n  user:\n    exec:\n'],
    ['a proxy configuration', 'clusters:\n- name: backend\nlisteners:\n- token: x\n'],
  ])('not %s', (_what, text) => {
    expect(isSecretText(text)).toBe(false);
  });
});
