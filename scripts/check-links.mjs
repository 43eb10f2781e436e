// Every relative link of every Markdown file leads somewhere: to a file or folder that is there, and to a heading where it names
// one. Prints each that does not and exits 1.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { root } from './workspace/program.mjs';

const passedOver = new Set(['node_modules', 'dist', 'reports', '.git', '.perpdesk', '.changeset']);
const files = markdownBelow(root);
const broken = files.flatMap((file) =>
  linksOf(readFileSync(file, 'utf8'))
    .filter((link) => !leadsSomewhere(file, link))
    .map((link) => `${relative(root, file)} links to ${link}, which is not there`),
);
for (const line of broken) console.log(line);
if (broken.length === 0) console.log(`links hold: ${files.length} Markdown files`);
else process.exitCode = 1;

function markdownBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (passedOver.has(entry.name) || relative(root, path) === join('docs', 'api')) return [];
    if (entry.isDirectory()) return markdownBelow(path);
    return entry.name.endsWith('.md') && basename(path) !== 'CHANGELOG.md' ? [path] : [];
  });
}

/** Targets of links and images outside code, without those to other places of the world. */
function linksOf(markdown) {
  const prose = markdown.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^()\s]+)(?:\s"[^"]*")?\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

function leadsSomewhere(file, link) {
  const [path, heading] = link.split('#');
  const target = path === '' ? file : resolve(dirname(file), decodeURIComponent(path));
  if (!existsSync(target)) return false;
  if (!heading) return true;
  return !statSync(target).isDirectory() && headingsOf(readFileSync(target, 'utf8')).includes(heading);
}

/** Headings as GitHub names them in addresses. */
function headingsOf(markdown) {
  return [...markdown.replace(/```[\s\S]*?```/g, '').matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, text]) =>
    text
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}
