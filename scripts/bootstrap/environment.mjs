import { delimiter } from 'node:path';

// What `npm run` leaves behind and would change how a child behaves. Registry, proxy and certificate settings stay.
const noise =
  /^(NODE_OPTIONS|npm_(package|lifecycle)_.*|npm_command|npm_execpath|npm_node_execpath|npm_config_(loglevel|nodedir|node_gyp|local_prefix|global_prefix|prefix|init_module|user_agent|npm_version|globalconfig|noproxy))$/i;

/** The environment of every child: the caller's without npm's noise, with the folders in front of PATH. */
export function childEnvironment(folders = []) {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !noise.test(name)));
  const key = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  environment[key] = [...folders, environment[key]].filter(Boolean).join(delimiter);
  return environment;
}
