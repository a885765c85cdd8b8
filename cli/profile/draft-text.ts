import { grouped } from '../../expectations/measured.ts';
import type { Drafted } from './drafted.ts';
import { roundUp } from './outward.ts';
import type { ColumnProfile } from './profile.ts';
import { JSON_CLASS, patternOf, textClasses } from './shapes.ts';

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
  const type = 'expect_column_values_to_match_regex';
  const kind = Object.entries(textClasses).find(([known]) => classes.includes(known));
  if (kind !== undefined) {
    const [known, regex] = kind;
    return [{ type, kwargs: { column: name, regex }, ...every(known) }, ...lengths(column)];
  }
  // What somebody's text begins with is somebody's.
  const regex = patternOf(found?.shapes ?? [], found?.present ?? 0, !personal);
  if (regex === null) return lengths(column);
  return [{ type, kwargs: { column: name, regex }, ...every('of this shape') }];
}

function lengths({ name, shortest, longest }: ColumnProfile): readonly Drafted[] {
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
