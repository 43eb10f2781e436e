import { registerHooks } from 'node:module';

/** A defence of the agents, and the text that takes it out of the source that is run. */
interface Defence {
  readonly file: string;
  readonly from: RegExp;
  readonly to: string;
}

/** What a control may switch off. */
export const defences = {
  grounding: { file: '/agents/src/model/grounding.ts', from: /throw ungrounded\(/g, to: 'void ungrounded(' },
  schema: {
    file: '/agents/src/model/model-analyst.ts',
    from: /if \(!parsed\.success\) throw .*\n\s*const answer = parsed\.data;/,
    to: 'const answer = value as Answer;',
  },
  deadline: {
    file: '/agents/src/model/call/within-time.ts',
    from: /clock\.setTimer\(request\.timeoutMs, give\)/,
    to: '() => {}',
  },
  marking: {
    file: '/core/src/validation/foreign-text.ts',
    from: /const plain = text[\s\S]*?\.trim\(\);/,
    to: 'const plain = text;',
  },
  redaction: {
    file: '/agents/src/model/journal/mask-credentials.ts',
    from: /text\.replace\(shapes, '\[secret\]'\)/,
    to: 'text',
  },
} as const satisfies Readonly<Record<string, Defence>>;
export type DefenceName = keyof typeof defences;

/**
 * Takes a defence out of every module that is loaded from now on in this process: for controls, which have to be noticed.
 * @throws Error, as the module is loaded, when the source has nothing of the kind any more.
 */
export function switchOff(name: DefenceName): void {
  const { file, from, to }: Defence = defences[name];
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith(file)) return loaded;
      const source = String(loaded.source);
      const without = source.replace(from, to);
      if (without === source) throw new Error(`There is no ${name} in ${file} to switch off.`);
      return { ...loaded, source: without };
    },
  });
}
