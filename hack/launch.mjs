// Decides which Node runs a command of this project, and that its dependencies are there. Plain JavaScript for Node 20
// and later: everything behind it is TypeScript that needs Node 24.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { constants, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The Node that is fetched where the machine's is older than `oldestMajor`. */
export const nodeRelease = '24.21.0';
const oldestMajor = 24;
const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const cache = process.env.CODESAGE_CACHE ?? join(homedir(), '.cache', 'codesage-operator');

const say = (text) => process.stderr.write(`${text}\n`);

/** Path of a Node of at least version 24: this one, or one from npm's platform package in the project's cache. */
export function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= oldestMajor) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(cache, `${name}-${nodeRelease}`);
  const node = join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(node)) return node;
  say(`… fetch Node ${nodeRelease} (this is ${process.version}; usually 10 s)`);
  mkdirSync(cache, { recursive: true });
  const temporary = mkdtempSync(`${folder}.part-`);
  try {
    // The platform package holds the plain program; the package `node` would fetch it in an install script.
    npm(
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', temporary, `${name}@${nodeRelease}`],
      temporary,
    );
    if (!existsSync(folder)) renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return node;
}

function npm(args, cwd) {
  const result = spawnSync('npm', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  if (result.error || result.status !== 0) {
    say(`npm ${args.join(' ')} failed:\n${result.error?.message ?? `${result.stdout}${result.stderr}`.trim()}`);
    process.exit(1);
  }
}

/** Whether node_modules holds what the lockfile names, by npm's own record of what it installed. */
export function isInstalled(root = repository) {
  try {
    const packages = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
    const [wanted, found] = [packages('package-lock.json'), packages('node_modules/.package-lock.json')];
    return Object.entries(wanted).every(([path, entry]) => {
      if (!path.startsWith('node_modules/') || entry.link) return true;
      const have = found[path];
      return have === undefined ? entry.optional === true || entry.peer === true : have.version === entry.version;
    });
  } catch {
    return false;
  }
}

/** Runs `npm ci` when node_modules is missing or differs from the lockfile; two at once install once. */
function ensureDependencies() {
  if (isInstalled()) return;
  const locks = join(cache, '.locks');
  mkdirSync(locks, { recursive: true });
  const again = [process.execPath, fileURLToPath(import.meta.url), '--install'];
  const result = spawnSync('flock', ['--exclusive', join(locks, 'npm'), ...again], { stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function install() {
  if (isInstalled()) return;
  const start = Date.now();
  say('… npm ci (usually 40 s)');
  npm(['ci', '--no-audit', '--no-fund'], repository);
  say(`✓ npm ci: ${Math.round((Date.now() - start) / 1000)} s`);
}

/** Runs a script under Node 24 and ends this process as it ended. */
export async function launch(entry, args) {
  const child = spawn(ensureNode(), [entry, ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; the child decides when it is done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  }
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      say(`${entry}: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (status, signal) => resolve(status ?? 128 + (constants.signals[signal] ?? 1)));
  });
  process.exit(code);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, ...args] = process.argv.slice(2);
  if (command === '--install') install();
  else {
    ensureDependencies();
    await launch(join(repository, 'hack', `${command}.ts`), args);
  }
}
