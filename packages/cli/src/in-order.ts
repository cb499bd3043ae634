/**
 * Several pieces of work at once, their results in order.
 */

/**
 * Works on items in as many lanes as given and yields the results in the order of the items, each as soon as
 * it and all before it are there.
 *
 * @param work - must not reject
 */
export async function* inOrder<T, R extends object>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const done = new Map<number, R>();
  const queue = items.entries();
  let wake = (): void => undefined;
  const runLane = async () => {
    // One iterator for all lanes: each takes the next item that nobody has.
    for (const [index, item] of queue) {
      done.set(index, await work(item));
      wake();
    }
  };
  const finished = Promise.all(Array.from({ length: lanes }, runLane));
  for (let index = 0; index < items.length; index++) {
    let result = done.get(index);
    while (result === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      result = done.get(index);
    }
    done.delete(index);
    yield result;
  }
  await finished;
}
