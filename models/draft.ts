import type { Header, ReadHeader } from './header.ts';
import type { ModelProblem } from './model.ts';
import type { PlacedSelect } from './place-select.ts';

/** What is known of a model that loads publish, before it is one. */
export interface Draft {
  readonly file: string;
  readonly name: string;
  readonly header: Header;
  readonly read: ReadHeader;
  readonly main: PlacedSelect;
  readonly touched: readonly { readonly delta: string; readonly select: PlacedSelect | null }[];
}

/** What is wrong with a model, in a file that the reader knows. */
export type Finding = Omit<ModelProblem, 'file'>;
