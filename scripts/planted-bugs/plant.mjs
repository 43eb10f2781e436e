/** The text with the bug in it. */
export const withBug = (text, { find, replace }) => text.replace(find, () => replace);

/** What is wrong with a list of bugs: texts that are not there or there more than once, tests that are not there, names used twice. */
export function findTexts(bugs, read) {
  const wrong = [];
  const names = new Set();
  for (const { name, file, find, replace, tests } of bugs) {
    const text = read(file);
    const times = text === undefined ? 0 : text.split(find).length - 1;
    if (times !== 1) wrong.push(`${name}: the text to be replaced stands ${times} times in ${file}`);
    if (find === replace) wrong.push(`${name}: it changes nothing`);
    if (names.has(name)) wrong.push(`${name}: there are two of this name`);
    names.add(name);
    for (const test of tests) if (read(test) === undefined) wrong.push(`${name}: there is no ${test}`);
  }
  return wrong;
}
