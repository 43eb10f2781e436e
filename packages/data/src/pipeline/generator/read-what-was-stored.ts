const store = /^numbers\[(begin(?: \+ \d+)?)\] = ([^;]+);$/;
const number = String.raw`numbers\[(begin(?: \+ \d+)?)\] \?\? (?:Number\.NaN|0)\b`;
const read = new RegExp(String.raw`(?<!\w)\(${number}\)|${number}`, 'g');

/**
 * Written statements with what was just stored at a fixed place read from its name and not from the numbers again, which a compiler
 * does not see through for typed arrays. Only along straight lines: what branches, or is stored at a place not known before,
 * makes all be read anew.
 */
export function readWhatWasStored(statements: string): string {
  const stored = new Map<string, string>();
  const named: [name: string, place: string, value: string][] = [];
  const lines = statements.split('\n').map((line) => {
    const written = line.replace(read, (whole, bracketed?: string, plain?: string) => {
      return stored.get(bracketed ?? plain ?? '') ?? whole;
    });
    const [, place, value] = store.exec(written.trim()) ?? [];
    if (place === undefined || value === undefined) {
      if (/[{}]|numbers\[.*\] =(?!=)/.test(written)) stored.clear();
      return written;
    }
    const isConstant = /^[a-z]\w*$/i.test(value) && !statements.includes(`let ${value} `);
    const name = isConstant ? value : `stored${place.replace(/\D+/g, '')}At${named.length}`;
    stored.set(place, name);
    if (isConstant) return written;
    named.push([name, place, value]);
    return stores(name, place, value);
  });
  const text = lines.join('\n');
  return named.reduce((all, [name, place, value]) => {
    const isRead = (all.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 2;
    return isRead ? all : all.replace(stores(name, place, value), () => `numbers[${place}] = ${value};`);
  }, text);
}

const stores = (name: string, place: string, value: string): string =>
  `const ${name} = ${value};\nnumbers[${place}] = ${name};`;
