/** Milliseconds of processor time that `run` takes: unlike the clock's, they do not grow with what else the machine does. */
export function cpuTime(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
