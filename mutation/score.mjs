const killedBy = new Set(['Killed', 'Timeout']);
const survived = new Set(['Survived', 'NoCoverage']);

/** Reads a report of Stryker: the score over all mutants that were tried, and each that survived with what was judged of it. */
export function readScore({ files }, judgementOf) {
  const mutants = Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map((mutant) => ({ ...mutant, file, ...excerpt(source, mutant.location) })),
  );
  const tried = mutants.filter(({ status }) => killedBy.has(status) || survived.has(status));
  const killed = tried.filter(({ status }) => killedBy.has(status)).length;
  const survivors = tried
    .filter(({ status }) => survived.has(status))
    .map(({ file, line, original, replacement = '', location, status }) => ({
      file,
      line,
      replacement,
      where: `${file}:${location.start.line}`,
      change: `${oneLine(original)} → ${oneLine(replacement)}${status === 'NoCoverage' ? ' (reached by no test)' : ''}`,
      judgement: judgementOf({ file, original: oneLine(original), replacement: oneLine(replacement) }),
    }));
  return {
    killed,
    total: tried.length,
    percent: tried.length === 0 ? 0 : (killed / tried.length) * 100,
    uncovered: tried.filter(({ status }) => status === 'NoCoverage').length,
    survivors,
    unjudged: survivors.filter(({ judgement }) => judgement === undefined),
    byFile: Object.keys(files).map((file) => {
      const own = tried.filter((mutant) => mutant.file === file);
      return { file, total: own.length, killed: own.filter(({ status }) => killedBy.has(status)).length };
    }),
  };
}

function excerpt(source, { start, end }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const line = (lines[0] ?? '').trim();
  lines[lines.length - 1] = (lines.at(-1) ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return { line, original: lines.join('\n') };
}

const oneLine = (text) => text.replace(/\s+/g, ' ').trim();
