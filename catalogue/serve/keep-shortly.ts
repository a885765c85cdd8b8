/**
 * Makes what is asked for at most once in a while, whoever asks: when a page goes out ten people open the same address at
 * once. Who asks while it is being made waits for it, however long that takes: a database that is slow is not asked the
 * same ten times over. What fails is not kept.
 *
 * @param keepMs how long a thing is good, from when it was asked for.
 */
export function keepShortly<Value>(
  keepMs: number,
  make: (key: string) => Promise<Value>,
): (key: string) => Promise<Value> {
  const kept = new Map<string, { readonly until: number; readonly value: Promise<Value> }>();
  const making = new Map<string, Promise<Value>>();
  return async (key) => {
    const now = performance.now();
    // In the order in which they were asked for, so the first one that is still good ends the search.
    for (const [old, { until }] of kept) {
      if (until > now) break;
      kept.delete(old);
    }
    const known = kept.get(key)?.value ?? making.get(key);
    if (known !== undefined) return await known;
    const value = make(key).finally(() => making.delete(key));
    making.set(key, value);
    kept.set(key, { until: now + keepMs, value });
    value.catch(() => kept.delete(key));
    return await value;
  };
}
