import type { Site, To } from '../../site.ts';
import type { Model } from '../../../models/model.ts';
import type { ModelStanding } from '../../read/model-states.ts';

/** What every section of a model's page is made from. */
export interface AboutModel {
  readonly site: Site;
  readonly to: To;
  readonly model: Model;
  readonly states: ReadonlyMap<string, ModelStanding>;
}
