// Packs every package and checks the tarball as a user gets it: publint, the types as resolved by ESM importers, the files that
// must be inside, and that the built code imports only what the manifest lists.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packages } from './workspace/packages.mjs';
import { mapLimited, root, runNode, runProgram } from './workspace/program.mjs';

const folder = mkdtempSync(join(tmpdir(), 'perpdesk-packages-'));
const bin = (...path) => join(root, 'node_modules', ...path);
try {
  const results = await mapLimited(packages(), 2, check);
  for (const { name, problems } of results) for (const problem of problems) console.log(`${name}: ${problem.trim()}`);
  process.exitCode = results.some(({ problems }) => problems.length > 0) ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function check({ name, folder: source, manifest }) {
  const problems = [];
  const demand = (ok, problem) => ok || problems.push(problem);
  const tarball = join(folder, `${name}.tgz`);
  const packed = await runProgram('pnpm', ['pack', '--out', tarball], { cwd: source });
  if (packed.code !== 0) return { name, problems: [`pnpm pack failed\n${packed.output}`] };
  const listing = await runProgram('tar', ['-tzf', tarball]);
  for (const file of ['package.json', 'README.md', 'LICENSE'])
    demand(listing.output.includes(`package/${file}\n`), `${file} is not in the tarball`);
  demand(!/package\/src\//.test(listing.output), 'sources are in the tarball');
  const { output: shipped } = await runProgram('tar', ['-xzOf', tarball, 'package/package.json']);
  demand(!shipped.includes('@perpdesk/source'), 'the published exports name the source condition');
  demand(!/"(workspace|catalog):/.test(shipped), 'a workspace or catalog version is published');
  const publint = await runNode(bin('publint/src/cli.js'), ['run', tarball, '--strict']);
  demand(publint.code === 0, `publint\n${publint.output}`);
  const attw = await runNode(bin('@arethetypeswrong/cli/dist/index.js'), [
    tarball,
    '--profile',
    'esm-only',
    '--format',
    'ascii',
    '--no-emoji',
  ]);
  demand(attw.code === 0, `attw\n${attw.output}`);
  problems.push(...unlistedImports(join(source, 'dist'), manifest));
  return { name, problems };
}

function unlistedImports(dist, manifest) {
  const listed = new Set([manifest.name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })]);
  const files = readdirSync(dist, { recursive: true }).filter((file) => /\.(js|d\.ts)$/.test(file));
  const imported = files.flatMap((file) =>
    [
      ...readFileSync(join(dist, file), 'utf8').matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^."'][^"'\n]*)["']/g),
    ].map((match) => match[1]),
  );
  const names = new Set(
    imported
      .filter((specifier) => !isBuiltin(specifier))
      .map((specifier) =>
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
  );
  return [...names]
    .filter((name) => /^(@[\w.-]+\/)?[\w.-]+$/.test(name) && !listed.has(name))
    .map((name) => `imports ${name}, which package.json does not list`);
}
