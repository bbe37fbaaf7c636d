import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createAuthority, loadAuthority, renderKubeconfig } from './pki.ts';

test('a certificate names its user, group and hosts, and its authority vouches for it', async () => {
  const authority = await createAuthority('test');
  const pair = await authority.issue({
    commonName: 'system:node:a',
    organization: 'system:nodes',
    names: ['a.local', '127.0.0.1'],
  });
  const certificate = new X509Certificate(pair.certificate);
  expect(certificate.subject.split('\n').sort()).toEqual(['CN=system:node:a', 'O=system:nodes']);
  expect(certificate.checkHost('a.local')).toBe('a.local');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
});

test('an authority that was written down issues what the original is trusted for', async () => {
  const { certificate, key } = await createAuthority('test');
  const issued = await (await loadAuthority({ certificate, key })).issue({ commonName: 'x' });
  expect(new X509Certificate(issued.certificate).verify(new X509Certificate(certificate).publicKey)).toBe(true);
});

test('another authority does not vouch', async () => {
  const [one, two] = [await createAuthority('one'), await createAuthority('two')];
  const issued = await one.issue({ commonName: 'x' });
  expect(new X509Certificate(issued.certificate).verify(new X509Certificate(two.certificate).publicKey)).toBe(false);
});

test('a kubeconfig holds everything inline', () => {
  const config = parse(renderKubeconfig('https://127.0.0.1:1', 'CA', { certificate: 'C', key: 'K' }));
  expect(config.clusters[0].cluster).toEqual({ server: 'https://127.0.0.1:1', 'certificate-authority-data': 'Q0E=' });
  expect(config.contexts[0].name).toBe(config['current-context']);
});
