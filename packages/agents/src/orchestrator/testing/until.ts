/** Waits until something that real input and output brings about is so, at most 10 s. */
export async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 10_000;
  while (performance.now() < endsAt) {
    if (await met()) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  throw new Error('It did not come to that.');
}
