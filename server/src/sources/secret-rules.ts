/**
 * Decides which files hold credentials, by their name or by what they begin with. Such files are never indexed, searched,
 * read or shown, in no version of them.
 */

const secretNames = new Set([
  '.env',
  '.envrc',
  '.dev.vars',
  '.netrc',
  '_netrc',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  '.htpasswd',
  '.dockercfg',
  '.dockerconfigjson',
  '.pgpass',
  '.my.cnf',
  '.s3cfg',
  '.boto',
  '.terraformrc',
  '.vault-token',
  'credentials.tfrc.json',
  'credentials.json',
  'application_default_credentials.json',
  'local.settings.json',
  'kubeconfig',
  'id_rsa',
  'id_dsa',
  'id_ecdsa',
  'id_ecdsa_sk',
  'id_ed25519',
  'id_ed25519_sk',
]);
const secretExtensions = new Set([
  'pem',
  'key',
  'p8',
  'pk8',
  'p12',
  'pkcs12',
  'pfx',
  'jks',
  'jceks',
  'keystore',
  'keytab',
  'kdbx',
  'ppk',
  'gpg',
  'age',
  'ovpn',
  'tfstate',
  'kubeconfig',
]);
/** Whole names that vary: Google's downloads, shells' histories, tables of plain secrets. */
const secretNamePatterns: readonly RegExp[] = [
  /^client_secret.*\.json$/,
  /^service[-_]?account.*\.json$/,
  /^kubeconfig\.(?:ya?ml|json|conf)$/,
  /^\.\w+_history$/,
  /^secrets\.(?:ya?ml|json|toml|ini|properties)$/,
];
/** Files that are secret by where they are. */
const secretPaths: readonly RegExp[] = [
  /(?:^|\/)\.aws\/credentials$/,
  /(?:^|\/)\.docker\/config\.json$/,
  /(?:^|\/)\.kube\/config$/,
  /(?:^|\/)\.ssh\/(?!.*\.pub$).*$/,
  /(?:^|\/)\.gnupg\//,
  /(?:^|\/)\.config\/(?:gcloud|gh|hub)\//,
  /(?:^|\/)\.azure\//,
  /(?:^|\/)\.(?:cargo|gem)\/credentials(?:\.toml)?$/,
  /(?:^|\/)\.m2\/settings(?:-security)?\.xml$/,
];
/** Charts keep the forms of Secrets in the first, workflows that use secrets are in the second: both hold no values. */
const notValues = /(?:^|\/)(?:templates|\.github)\//;
const environmentName = /^\.env[._-]|\.env$|\.tfvars(?:\.json)?$/;
const environmentSample =
  /[._-](?:example|sample|template|dist|defaults?)(?:\.tfvars)?(?:\.json)?$|^(?:example|sample|template|dist|defaults?)\./;
/** What editors and people put behind the name of a file that they keep a copy of. */
const copyMark = /(?:~|\.(?:bak|backup|old|orig|save|copy|sw[a-p]|\d+))$/;

/** True for files that usually hold credentials, whatever is in them. Copies count as what they are copies of. */
export function isSecretPath(path: string): boolean {
  let lower = path.toLowerCase();
  // A name may have several marks: "id_rsa.bak~".
  while (copyMark.test(lower)) {
    if (isSecretName(lower)) return true;
    lower = lower.replace(copyMark, '');
  }
  return isSecretName(lower);
}

function isSecretName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (secretNames.has(name) || secretPaths.some((pattern) => pattern.test(path))) return true;
  if (environmentName.test(name)) return !environmentSample.test(name);
  if (secretExtensions.has(name.slice(name.lastIndexOf('.') + 1)) && name.includes('.')) return true;
  return secretNamePatterns.some((pattern) => pattern.test(name)) && !notValues.test(path);
}

const privateKey = /^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/m;
/** A key of a service account, as clouds hand it out: JSON with the key in one line. */
const keyInJson = /^\s*\{[\s\S]*"private_key"\s*:\s*"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/;
/** A kubeconfig that lets its holder in. Written by kubectl, its kind stands behind the clusters' long certificates. */
const kubeconfigHead = /^(?:kind:\s*["']?Config\b|clusters:)/m;
const kubeconfigParts: readonly RegExp[] = [/^users:/m, /^\s*(?:- )?(?:client-key-data|token|password):\s*\S/m];
/** Characters in which a text shows what it is: openssl writes "Bag Attributes" before a key, people write comments. */
const headLength = 2048;

/** True when the text is a credential, whatever the file is called. */
export function isSecretText(text: string): boolean {
  const head = text.slice(0, headLength);
  if (privateKey.test(head) || keyInJson.test(head)) return true;
  return kubeconfigHead.test(head) && kubeconfigParts.every((part) => part.test(text));
}
