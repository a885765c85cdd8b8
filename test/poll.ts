export { until } from '../infra/local/until.ts';
export type { UntilOptions } from '../infra/local/until.ts';
