import gates from './pages/gates.ts';
import models from './pages/models.ts';
import suites from './pages/suites.ts';
import type { PageKind } from './site.ts';

/** Every kind of page, in the order of the navigation: today, graph, models, suites, gates. */
export const pageKinds: readonly PageKind[] = [models, suites, gates];
