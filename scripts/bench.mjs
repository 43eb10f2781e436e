// Runs bench/*.bench.ts one after the other, each a program that prints its own table. Never part of `npm test`.
// The libraries compared with are installed on the first run, for the benchmarks alone.
import { installPeers } from './workspace/bench-peers.mjs';
import { runPrograms } from './workspace/programs.mjs';

installPeers();
runPrograms({ folder: 'bench', suffix: '.bench.ts', words: process.argv.slice(2), kind: 'benchmark' });
