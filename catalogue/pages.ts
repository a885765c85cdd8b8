import gates from './pages/gates.ts';
import graph from './pages/graph.ts';
import models from './pages/models.ts';
import suites from './pages/suites.ts';
import today from './pages/today.ts';
import type { PageKind } from './site.ts';

/** Every kind of page, in the order of the navigation: today, graph, models, suites, gates. */
export const pageKinds: readonly PageKind[] = [today, graph, models, suites, gates];
