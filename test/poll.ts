export { until } from '../infra/local/until.ts';
