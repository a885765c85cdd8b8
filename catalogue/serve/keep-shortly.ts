/**
 * Makes what is asked for at most once in a while, whoever asks: when a page goes out ten people open the same address at
 * once. What fails is not kept.
 *
 * @param keepMs how long a thing is good, from when it was asked for.
 */
export function keepShortly<Value>(
  keepMs: number,
  make: (key: string) => Promise<Value>,
): (key: string) => Promise<Value> {
  const kept = new Map<string, { readonly until: number; readonly value: Promise<Value> }>();
  return async (key) => {
    const now = performance.now();
    // In the order in which they were asked for, so the first one that is still good ends the search.
    for (const [old, { until }] of kept) {
      if (until > now) break;
      kept.delete(old);
    }
    const known = kept.get(key);
    if (known !== undefined) return await known.value;
    const value = make(key);
    kept.set(key, { until: now + keepMs, value });
    value.catch(() => kept.delete(key));
    return await value;
  };
}
