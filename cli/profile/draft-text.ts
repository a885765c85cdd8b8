import { grouped } from '../../expectations/measured.ts';
import type { Drafted } from './drafted.ts';
import { roundUp } from './outward.ts';
import type { ColumnProfile } from './profile.ts';
import { HEXADECIMAL, hexadecimalPattern, JSON_CLASS, patternOf, textClasses } from './shapes.ts';

/** How texts look: JSON, a usual kind, a shape of their own; where their signs are not counted so, their length. */
export function draftText(column: ColumnProfile): readonly Drafted[] {
  const { name, found, personal, present } = column;
  const every = (what: string): Pick<Drafted, 'critical' | 'fact'> => ({
    critical: false,
    fact: `each of ${grouped(present)} values is ${what}`,
  });
  const classes = found?.classes ?? [];
  if (classes.includes(JSON_CLASS)) {
    const type = 'expect_column_values_to_be_json_parseable';
    return [{ type, kwargs: { column: name }, ...every('JSON') }];
  }
  const matching = (regex: string, what: string): Drafted => ({
    type: 'expect_column_values_to_match_regex',
    kwargs: { column: name, regex },
    ...every(what),
  });
  const kind = Object.entries(textClasses).find(([known]) => classes.includes(known));
  if (kind !== undefined) return [matching(kind[1], kind[0]), ...lengths(column)];
  // What somebody's text begins with is somebody's.
  const regex = patternOf(found?.shapes ?? [], found?.present ?? 0, !personal);
  if (regex !== null) return [matching(regex, 'of this shape')];
  if (classes.includes(HEXADECIMAL)) return [matching(hexadecimalPattern, HEXADECIMAL), ...lengths(column)];
  return lengths(column);
}

/** A code has one length, prose about as much as now. */
function lengths({ name, present, shortest, longest }: ColumnProfile): readonly Drafted[] {
  if (shortest !== null && shortest > 0 && shortest === longest) {
    const type = 'expect_column_value_lengths_to_equal';
    const fact = `each of ${grouped(present)} values has ${grouped(shortest)} characters`;
    return [{ type, kwargs: { column: name, value: shortest }, critical: false, fact }];
  }
  const least = shortest === 0 ? 0 : 1;
  const most = roundUp(longest ?? 0);
  return [
    {
      type: 'expect_column_value_lengths_to_be_between',
      kwargs: { column: name, min_value: least, ...(most === null || most === 0 ? {} : { max_value: most }) },
      critical: false,
      fact: `shortest ${grouped(shortest ?? 0)}, longest ${grouped(longest ?? 0)} characters`,
    },
  ];
}
