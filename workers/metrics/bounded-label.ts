/** What stands for every value that is not taken. */
export const OTHER = 'other';

/** Names and codes as Weir and Temporal give them; what is longer or has other letters in it could be anything. */
const NAME = /^[A-Za-z][\w.-]{0,62}$/;

/**
 * Takes values for a label, each new one a time series more: only what can be a name, and only so many. An id that came
 * where a name was meant would otherwise cost its series for as long as the process lives.
 *
 * @param most distinct values; what comes after them is `other`.
 * @see https://prometheus.io/docs/practices/naming/#labels
 */
export function boundedLabel(most: number): (value: unknown) => string {
  const taken = new Set<string>();
  return (value) => {
    if (typeof value !== 'string' || !NAME.test(value)) return OTHER;
    if (!taken.has(value) && taken.size >= most) return OTHER;
    taken.add(value);
    return value;
  };
}
