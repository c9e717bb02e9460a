/** Does the work of `source` beside each other, at most `ahead` pieces at a time, and gives the results in the source's order. */
export async function* inOrder<Result>(source: AsyncIterable<() => Promise<Result>>, ahead: number): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for await (const begin of source) {
    const work = begin();
    // Told when its turn comes.
    work.catch(() => undefined);
    running.push(work);
    const first = running.length >= ahead ? running.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const work of running) yield await work;
}
