import { colours } from '../colours.ts';
import { grouped } from '../../expectations/measured.ts';
import { validationText } from '../validate-text.ts';
import type { Built } from './build.ts';
import type { Comparison } from './compare.ts';
import type { ScratchVerdict } from './gates.ts';
import type { Scratch } from './scratch.ts';

/** What was built, how it compares with what is published, and what its gates say. */
export function scratchText(
  scratch: Pick<Scratch, 'schema'>,
  built: readonly Built[],
  verdicts: readonly ScratchVerdict[],
): string {
  const blocks = built.map((one) => {
    const own = verdicts.filter(({ model }) => model.name === one.model.name);
    return [builtLine(scratch.schema, one), ...comparisonLines(one), ...own.flatMap(verdictLines)].join('\n');
  });
  const held = verdicts.filter(wouldHold);
  const sum =
    held.length === 0
      ? 'no gate would hold'
      : `would hold: ${held.map(({ model, gate }) => `${model.name} at its ${gate} gate`).join(', ')}`;
  return `${blocks.join('\n\n')}\n\n${sum}; nothing was published. weir run --schema ${scratch.schema} --drop removes it\n`;
}

/** Whether a run would stop at this gate: what it would set aside by itself goes on. */
export function wouldHold({ verdict: { blocks, quarantine } }: ScratchVerdict): boolean {
  return blocks && quarantine === null;
}

function rowsText(rows: number): string {
  return `${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}

function builtLine(schema: string, { model, rows, bounded }: Built): string {
  const whole = bounded === false ? ' · not bounded: it reads no delta that has a time_column' : '';
  return `${colours.bold(`${schema}.${model.name}`)}  ${model.kind} · ${rowsText(rows)}${whole}`;
}

/** Most columns that differ that are named. */
const MOST_COLUMNS = 4;

function comparisonLines({ model, comparison }: Built): readonly string[] {
  if (model.kind === 'view') return [];
  if (comparison === null) return ['  nothing is published to compare with'];
  const { published, onlyCopy, onlyPublished, differing, columns } = comparison;
  const shown = columns.slice(0, MOST_COLUMNS).map(({ name, rows }) => `${name} ${grouped(rows)}`);
  const more = columns.length - shown.length;
  const where = [...shown, ...(more > 0 ? [`and ${more} more columns`] : [])].join(', ');
  const same = onlyCopy + onlyPublished + differing === 0;
  const found = same
    ? 'the same by key and in every column'
    : `${grouped(onlyCopy)} keys only here, ${grouped(onlyPublished)} only there, ${grouped(differing)} differ${where === '' ? '' : ` (${where})`}`;
  return [`  published has ${rowsText(published)}: ${found}`, ...columnLines(comparison)];
}

function columnLines({ newColumns, goneColumns }: Comparison): readonly string[] {
  return [
    ...(newColumns.length === 0 ? [] : [`  new columns: ${newColumns.join(', ')}`]),
    ...(goneColumns.length === 0 ? [] : [`  columns that went: ${goneColumns.join(', ')}`]),
  ];
}

function verdictLines(one: ScratchVerdict): readonly string[] {
  const { gate, suite, verdict, found, milliseconds } = one;
  const outcome = wouldHold(one)
    ? colours.red('would hold')
    : verdict.blocks
      ? colours.yellow('would set the bad rows aside and go on')
      : verdict.outcome === 'pass'
        ? colours.green('passes')
        : colours.yellow(`would go on, ${verdict.outcome}`);
  const head = `  ${gate} gate, suite ${suite.name}: ${outcome}`;
  if (found === null) return [head, `    could not be checked: ${verdict.reason ?? ''}`];
  const failing = found.judged.filter(({ success }) => !success);
  if (failing.length === 0) return [`${head} (${found.judged.length} promises, ${rowsText(found.rows)})`];
  const text = validationText(suite, { ...found, judged: failing }, milliseconds).split('\n');
  return [head, ...text.slice(0, failing.length).map((line) => `    ${line}`)];
}
