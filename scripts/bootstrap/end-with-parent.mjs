// Loaded before the command when npm started it. When npm or the bootstrap is killed outright, nobody tells the command; it would
// run on unseen and hold the port and the database. So it goes the same way: at once. A desk survives that by design.
import { isMainThread } from 'node:worker_threads';

const parent = process.ppid;
const watch = () => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
};
if (isMainThread) setInterval(watch, 200).unref();
