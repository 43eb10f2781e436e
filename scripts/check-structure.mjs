// The rules of the house that no linter knows: who may import whom, what a browser may load, and where clock, chance and
// environment may be read. Prints each breach and exits 1.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { packages } from './workspace/packages.mjs';
import { root } from './workspace/program.mjs';

const breaches = [];
const wanted = ['core', 'data', 'agents', 'risk', 'execution', 'react'];
const longestFile = 500;
const ambientUsesAllowed = 5;

for (const name of wanted) {
  for (const file of ['package.json', 'README.md', 'src/index.ts'])
    if (!existsSync(join(root, 'packages', name, file))) breaches.push(`packages/${name}: no ${file}`);
}
for (const file of ['README.md', 'LICENSE', 'NOTICE', 'AGENTS.md', 'docs/architecture.md', '.ci/run'])
  if (!existsSync(join(root, file))) breaches.push(`no ${file}`);
if (/tarball: http/.test(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')))
  breaches.push('pnpm-lock.yaml names a registry host');

const sources = packages().flatMap(({ name, folder }) =>
  sourcesBelow(join(folder, 'src')).map((path) => ({ package: name, path, text: readFileSync(path, 'utf8') })),
);
const at = (path) => relative(root, path);

// Siblings depend on core only, core on none.
for (const { name, manifest } of packages()) {
  const needed = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.devDependencies };
  for (const other of Object.keys(needed))
    if (other.startsWith('@perpdesk/') && (name === 'core' || other !== '@perpdesk/core'))
      breaches.push(`packages/${name}/package.json depends on ${other}; only core may be depended on`);
}
for (const { package: name, path, text } of sources)
  for (const { specifier } of importsOf(text)) {
    const sibling = /^@perpdesk\/([a-z-]+)/.exec(specifier)?.[1];
    if (sibling && sibling !== name && (name === 'core' || sibling !== 'core'))
      breaches.push(`${at(path)} imports ${specifier}; only core may be imported`);
    if (
      specifier.startsWith('.') &&
      relative(join(root, 'packages', name), resolve(dirname(path), specifier)).startsWith('..')
    )
      breaches.push(`${at(path)} reaches out of its package: ${specifier}`);
  }

// What a browser loads names no Node module.
for (const entry of ['core/src/index.ts', 'core/src/api/index.ts', 'react/src/index.ts']) {
  for (const { path, specifier, from } of nodeImportsReachableFrom(join(root, 'packages', entry)))
    breaches.push(`packages/${entry} is loaded by browsers but reaches ${specifier} in ${at(path)}${from}`);
}

// Clock, ids and chance are injected (DESIGN §5): the few places that read the real ones are counted.
const ambient = /Date\.now\(|new Date\(\)|Math\.random\(|process\.env/;
const ambientUses = sources
  .filter(({ path }) => !/\.test(-d)?\.|\/testing\/|system-clock/.test(path))
  .flatMap(({ path, text }) => text.split('\n').map((line, index) => ({ path, line, number: index + 1 })))
  .filter(({ line }) => ambient.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line));
if (ambientUses.length > ambientUsesAllowed)
  for (const { path, number, line } of ambientUses)
    breaches.push(`${at(path)}:${number} reads clock, chance or environment: ${line.trim()}`);

// A file is one idea.
for (const { path, text } of sources) {
  const lines = text.split('\n').length;
  if (lines > longestFile && !/\.test(-d)?\./.test(path))
    breaches.push(`${at(path)} has ${lines} lines; split above ${longestFile}`);
}

for (const breach of [...new Set(breaches)]) console.log(breach);
if (breaches.length === 0)
  console.log(`structure holds: ${sources.length} files, ${ambientUses.length} uses of clock, chance or environment`);
else process.exitCode = 1;

function sourcesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Static and dynamic imports and re-exports, with those that types alone need marked. */
function importsOf(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const pattern =
    /(?:^|;)\s*(import|export)\s+(type\s)?[^'"`;]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...code.matchAll(pattern)].map((match) => ({
    specifier: match[3] ?? match[4] ?? match[5],
    isType: Boolean(match[2]),
    isLazy: Boolean(match[5]),
  }));
}

function nodeImportsReachableFrom(entry) {
  const seen = new Set();
  const hits = [];
  const visit = (path, from) => {
    if (seen.has(path) || !existsSync(path)) return;
    seen.add(path);
    for (const { specifier, isType, isLazy } of importsOf(readFileSync(path, 'utf8'))) {
      if (isType) continue;
      if (specifier.startsWith('node:') && !isLazy) hits.push({ path, specifier, from });
      else if (specifier.startsWith('.')) visit(resolve(dirname(path), specifier), `, imported by ${at(path)}`);
      else if (specifier.startsWith('@perpdesk/core'))
        visit(
          join(root, 'packages/core/src', specifier.slice('@perpdesk/core'.length), 'index.ts'),
          `, imported by ${at(path)}`,
        );
    }
  };
  visit(entry, '');
  return hits;
}
