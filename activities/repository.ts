import type { Graph } from '../models/graph.ts';
import type { Model } from '../models/model.ts';
import type { Suite } from '../expectations/suite.ts';

/** Where the models and the suites are, as absolute paths. */
export interface RepositoryFolders {
  readonly modelsFolder: string;
  readonly suitesFolder: string;
}

/** Every model and suite, read and checked. */
export interface Repository {
  /** In dependency order. */
  readonly models: readonly Model[];
  readonly graph: Graph;
  /** By file name without `.json`. */
  readonly suites: ReadonlyMap<string, Suite>;
}
