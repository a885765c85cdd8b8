import { buildGraph } from '../../models/graph.ts';
import { lineageOf } from '../../models/lineage.ts';
import { modelText, parseAll, sourceText, ungated, version } from './model-text.ts';

/** A model's file, as tests of lineage write it. */
export type File = readonly [file: string, text: string];

/** Two sources, and a model that maps the second. */
export const given: readonly File[] = [
  [
    'models/bronze/a.sql',
    sourceText({ id: 'text', x: 'integer', y: 'integer', items: 'jsonb', at: 'timestamp' }),
  ],
  ['models/bronze/b.sql', sourceText({ id: 'text', u: 'integer', v: 'integer' })],
  [
    'models/silver/k.sql',
    modelText('incremental', ungated, `select id, u, ${version} from delta.b where id is not null`),
  ],
];

/** The view that a test asks about. */
export const view = (select: string): File => [
  'models/semantic/v.sql',
  modelText('view', 'gate: none\ngate_reason: r', select),
];

/** Steps of one model, in words without places: `n = bronze.a.x`, `n ~ bronze.a.x` computed, `* ? …` rows, `* ! …` recomputed. */
export async function stepsOf(files: readonly File[], model = 'semantic.v'): Promise<readonly string[]> {
  const { steps } = lineageOf(buildGraph(await parseAll([...given, ...files])));
  const signs = { copied: '=', computed: '~', rows: '?', recomputed: '!' };
  return steps
    .filter((step) => step.model === model)
    .map(
      (step) =>
        `${step.column} ${signs[step.how]} ${step.fromRelation.replace('bronze.', '')}.${step.fromColumn}`,
    )
    .toSorted((one, other) => (one < other ? -1 : 1));
}
