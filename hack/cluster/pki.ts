/** Decides the certificates of a cluster: one authority, a certificate for each component, and the kubeconfigs made of them. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { stringify } from 'yaml';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const tenYears = 10 * 365 * 24 * 3600_000;

/** A certificate and its private key, both PEM. */
export type KeyPair = { certificate: string; key: string };

/** A certificate authority that issues certificates; `certificate` is what others trust. */
export type Authority = KeyPair & { issue(request: CertificateRequest): Promise<KeyPair> };

export type CertificateRequest = {
  commonName: string;
  /** Kubernetes reads it as the user's group. */
  organization?: string;
  /** Host names and addresses it is valid for as a server. */
  names?: string[];
  /** When it ends; default in ten years. */
  notAfter?: Date;
};

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

async function pemKey(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}

/** An authority of its own, e.g. for a cluster or for a git server that a test wants to be distrusted. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    keys,
    notBefore: new Date(Date.now() - 3600_000),
    notAfter: new Date(Date.now() + tenYears),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return authority(certificate, keys.privateKey, { certificate: certificate.toString('pem'), key: await pemKey(keys) });
}

/** An authority read back from its files. */
export async function loadAuthority(pair: KeyPair): Promise<Authority> {
  const der = x509.PemConverter.decodeFirst(pair.key);
  const key = await webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
  return authority(new x509.X509Certificate(pair.certificate), key, pair);
}

function authority(issuer: x509.X509Certificate, signingKey: webcrypto.CryptoKey, pair: KeyPair): Authority {
  return {
    ...pair,
    async issue(request) {
      const keys = await newKeys();
      const names = (request.names ?? []).map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const);
      const certificate = await x509.X509CertificateGenerator.create({
        // JSON names need no escaping: `system:node:a` is one value.
        subject: [...(request.organization ? [{ O: [request.organization] }] : []), { CN: [request.commonName] }],
        issuer: issuer.subject,
        publicKey: keys.publicKey,
        signingKey,
        signingAlgorithm: algorithm,
        notBefore: new Date(Date.now() - 3600_000),
        notAfter: request.notAfter ?? new Date(Date.now() + tenYears),
        extensions: [
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
          await x509.AuthorityKeyIdentifierExtension.create(issuer),
          ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
        ],
      });
      return { certificate: certificate.toString('pem'), key: await pemKey(keys) };
    },
  };
}

/** A key pair that signs service-account tokens: `key` is the private half, `certificate` the public one. */
export async function createSigningKeys(): Promise<KeyPair> {
  const keys = await newKeys();
  const spki = await webcrypto.subtle.exportKey('spki', keys.publicKey);
  return { certificate: x509.PemConverter.encode(spki, 'PUBLIC KEY'), key: await pemKey(keys) };
}

/** A kubeconfig with everything inline. */
export function renderKubeconfig(server: string, authorityCertificate: string, user: KeyPair): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'codesage',
    contexts: [{ name: 'codesage', context: { cluster: 'codesage', user: 'codesage' } }],
    clusters: [{ name: 'codesage', cluster: { server, 'certificate-authority-data': base64(authorityCertificate) } }],
    users: [
      {
        name: 'codesage',
        user: { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) },
      },
    ],
  });
}

/** Writes `<name>.crt` and `<name>.key` into the folder. */
export async function writePair(folder: string, name: string, pair: KeyPair): Promise<void> {
  await writeFile(join(folder, `${name}.crt`), pair.certificate);
  await writeFile(join(folder, `${name}.key`), pair.key, { mode: 0o600 });
}
