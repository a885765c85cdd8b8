/** One time series of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads what Prometheus would: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export function samplesOf(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const found = /^([a-z_][\w]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    if (found === null) return [];
    const [, name = '', labels = '', value = ''] = found;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return [
      {
        name,
        labels: Object.fromEntries(pairs.map(([, label = '', given = '']) => [label, given])),
        value: Number(value),
      },
    ];
  });
}

/** The sum of the series that have these labels; null where there is none. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null {
  const fitting = samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  return fitting.length === 0 ? null : fitting.reduce((sum, { value }) => sum + value, 0);
}
