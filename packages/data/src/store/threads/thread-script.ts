/** The scripts that run in threads of their own, each an entry of the build. */
export type ThreadName = 'scan/scan-worker' | 'transfer/file-worker' | 'retention/retention-worker';

// From the sources this file lies beside their folders; the build puts it into a chunk at the root of dist.
const fromSource = import.meta.url.endsWith('.ts');

/** Where the script of a thread lies, and what Node needs to be told to run it. */
export const threadScript = (name: ThreadName): { readonly url: URL; readonly execArgv: string[] } => ({
  url: new URL(fromSource ? `../${name}.ts` : `./store/${name}.js`, import.meta.url),
  execArgv: fromSource ? ['--conditions=@perpdesk/source', '--no-warnings'] : [],
});
